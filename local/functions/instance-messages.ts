/** The messages between the stack and a function instance, over IPC. */
import * as z from "zod";

/** The fixed facts of an instance, handed over as its one argument (JSON). */
export interface InstanceFacts {
  /** The key of the function in `serverless.yml`. */
  readonly name: string;
  /** Absolute path of the bundle that exports `main_handler`. */
  readonly bundleFile: string;
  /** Megabytes. */
  readonly memorySize: number;
  /** Seconds. */
  readonly timeout: number;
}

/** One event for the instance. */
export interface InvokeMessage {
  readonly requestId: string;
  readonly event: unknown;
  /** Simulated time minus real time. */
  readonly clockOffsetMs: number;
}

/** A message of an instance; parsed, because a function's own code could call `process.send` too. */
export const instanceMessage = z.discriminatedUnion("type", [
  /** The bundle is loaded. `bareBytes` is the resident memory of the process before that. */
  z.strictObject({ type: z.literal("ready"), bareBytes: z.number() }),
  /** The bundle did not load; the process ends. */
  z.strictObject({ type: z.literal("broken"), message: z.string() }),
  /** The event has arrived; the handler begins. */
  z.strictObject({ type: z.literal("taken"), requestId: z.string() }),
  /** The handler answered. `waits` is `callbackWaitsForEmptyEventLoop` at that moment. */
  z.strictObject({ type: z.literal("answer"), requestId: z.string(), json: z.string(), waits: z.boolean() }),
  /** The handler threw, or answered something that is no JSON or too large. */
  z.strictObject({
    type: z.literal("failure"),
    requestId: z.string(),
    statusCode: z.int(),
    message: z.string(),
    waits: z.boolean(),
  }),
  /** The event loop is empty: only now is the invocation over when it `waits`. */
  z.strictObject({ type: z.literal("drained"), requestId: z.string() }),
]);

/** See {@link instanceMessage}. */
export type InstanceMessage = z.infer<typeof instanceMessage>;
