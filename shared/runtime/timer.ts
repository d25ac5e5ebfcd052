/** The stack of every timer function. Timers are retried by the platform: work is leased. */
import middy from "@middy/core";
import doNotWaitForEmptyEventLoop from "@middy/do-not-wait-for-empty-event-loop";
import * as z from "zod/mini";
import { readContext } from "./context.ts";
import { databaseError } from "./database-error.ts";
import { log } from "./log.ts";

const timerEvent = z.object({ Type: z.literal("Timer"), TriggerName: z.string() });

/** What a run did, in numbers; it becomes the function's result and one line of log. */
export type TimerResult = Readonly<Record<string, number>>;

/** One run; `remainingMs` says how long it may still take. */
export type TimerRun = (remainingMs: () => number) => Promise<TimerResult>;

/** Makes `main_handler` of a timer function. A run that throws fails the invocation, so that the platform retries it. */
export function timerFunction(setup: () => TimerRun) {
  let run: TimerRun | undefined;
  const handle = async (event: unknown, context: unknown): Promise<TimerResult> => {
    if (!timerEvent.safeParse(event).success) throw new Error("This function answers timer events only.");
    try {
      run ??= setup();
      const result = await run(readContext(context).remainingMs);
      log.info(result, "run done");
      return result;
    } catch (thrown) {
      const error = databaseError(thrown);
      log.error({ error }, "run failed");
      throw error;
    }
  };
  return middy<unknown, TimerResult>()
    .use(doNotWaitForEmptyEventLoop({ runOnError: true }))
    .handler(handle);
}
