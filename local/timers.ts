/** Runs the timer functions of serverless.yml on their cron, in simulated time. */
import { Cron } from "croner";
import type { TimerTrigger } from "../tools/build/serverless-yml.ts";
import type { Functions } from "./functions/functions.ts";
import { timerEvent } from "./gateway/function-events.ts";

/** How timers behave. */
export interface TimerOptions {
  /** How often the clock is looked at, in milliseconds of real time. */
  readonly pollMilliseconds?: number;
  /** A failed asynchronous run is tried again after this long, in simulated time: SCF waits a minute. */
  readonly retryMilliseconds?: number;
  /** How often it is tried again: SCF does so twice (Tencent doc 583/39851). */
  readonly retries?: number;
  readonly say?: (line: string) => void;
}

interface Retry {
  readonly function: string;
  readonly event: object;
  readonly at: number;
  readonly left: number;
}

/** SCF reads cron expressions in UTC+8, which is Shanghai's time all year. */
const timezone = "Asia/Shanghai";

/** Starts looking at the clock. Returns what ends it; runs that are under way go on. */
export function startTimers(functions: Functions, options: TimerOptions = {}): () => void {
  const { pollMilliseconds = 1000, retryMilliseconds = 60_000, retries = 2, say = () => {} } = options;
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
    say(`error ${name}: the timer's run failed: ${outcome.message}${left > 0 ? "; it is tried again" : ""}`);
    if (left > 0) {
      pending.push({ function: name, event, at: functions.now() + retryMilliseconds, left: left - 1 });
    }
  };

  const poll = (): void => {
    const now = functions.now();
    // A clock that was moved far has passed a timer many times. SCF never lets that happen; once is what a test means.
    for (const { function: name, trigger, cron } of timers) {
      const due = cron.nextRun(new Date(seen));
      if (due && due.getTime() <= now)
        void run(name, timerEvent(trigger, lastBefore(cron, now) ?? due), retries);
    }
    seen = now;
    const ready = pending.filter(({ at }) => at <= now);
    pending = pending.filter(({ at }) => at > now);
    for (const retry of ready) void run(retry.function, retry.event, retry.left);
  };

  const interval = setInterval(poll, pollMilliseconds);
  return () => clearInterval(interval);
}

/** Throws an error that names the timer whose expression is no seven-field cron. */
function cronOf(trigger: TimerTrigger): Cron {
  try {
    return new Cron(trigger.cronExpression, { timezone, mode: "7-part", paused: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`serverless.yml is wrong: the timer ${trigger.name} has no valid cron: ${reason}`);
  }
}

/** When the timer was last due, at `now` or before. Croner looks before a whole second, so it is given the next one. */
function lastBefore(cron: Cron, now: number): Date | undefined {
  return cron.previousRuns(1, new Date(Math.floor(now / 1000) * 1000 + 1000))[0];
}
