/** Runs the timer functions of serverless.yml on their cron, in simulated time. */
import { type Cron, lastDue, parseCron } from "../tools/build/cron.ts";
import type { TimerTrigger } from "../tools/build/serverless-yml.ts";
import type { Functions } from "./functions/functions.ts";
import { timerEvent } from "./gateway/function-events.ts";

/** How timers behave. */
export interface TimerOptions {
  /** How often the clock is read, in real time. */
  readonly pollMs?: number;
  /** A failed asynchronous run is tried again after this long, in simulated time: SCF waits a minute. */
  readonly retryDelayMs?: number;
  /** How often it is tried again: SCF does so twice (Tencent doc 583/39851). */
  readonly retries?: number;
  readonly print?: (line: string) => void;
}

interface Retry {
  readonly function: string;
  readonly event: object;
  readonly at: number;
  readonly left: number;
}

/** Starts looking at the clock. Returns what ends it; runs that are under way go on. */
export function startTimers(functions: Functions, options: TimerOptions = {}): () => void {
  const { pollMs = 1000, retryDelayMs = 60_000, retries = 2, print = () => {} } = options;
  const timers = [...functions.all.values()].flatMap(({ entry }) =>
    entry.timers
      .filter(({ enable }) => enable)
      .map((trigger) => ({ function: entry.name, trigger, cron: cronOf(trigger) })),
  );
  let pending: Retry[] = [];
  let seen = functions.now();

  const run = async (name: string, event: object, left: number): Promise<void> => {
    const outcome = await functions.invoke(name, event);
    if (outcome.ok) return;
    print(
      `error ${name}: the timer's run failed: ${outcome.message}${left > 0 ? "; it is tried again" : ""}`,
    );
    if (left > 0) {
      pending.push({ function: name, event, at: functions.now() + retryDelayMs, left: left - 1 });
    }
  };

  const poll = (): void => {
    const now = functions.now();
    // A clock that was moved far has passed a timer many times. SCF never lets that happen; one run is what a test wants.
    for (const { function: name, trigger, cron } of timers) {
      const due = lastDue(cron, seen, now);
      if (due !== undefined) void run(name, timerEvent(trigger, new Date(due)), retries);
    }
    seen = now;
    const ready = pending.filter(({ at }) => at <= now);
    pending = pending.filter(({ at }) => at > now);
    for (const retry of ready) void run(retry.function, retry.event, retry.left);
  };

  const interval = setInterval(poll, pollMs);
  return () => clearInterval(interval);
}

/** Throws an error that names the timer whose expression SCF cannot read. */
function cronOf(trigger: TimerTrigger): Cron {
  const cron = parseCron(trigger.cronExpression);
  if (typeof cron !== "string") return cron;
  throw new Error(`serverless.yml is wrong: the cronExpression of timer ${trigger.name} ${cron}.`);
}
