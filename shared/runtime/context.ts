/** The part of SCF's context that we read. The rest is never touched: it holds the role's credentials. */
import { randomUUID } from "node:crypto";
import * as z from "zod/mini";

const contextSchema = z.object({
  request_id: z.optional(z.string().check(z.minLength(1))),
  getRemainingTimeInMillis: z.optional(z.custom<() => number>((value) => typeof value === "function")),
});

/** What a function knows of its invocation. */
export interface Invocation {
  /** SCF's id of the invocation, in the log and in `x-request-id`. */
  readonly requestId: string;
  /** Milliseconds until the platform ends this invocation; endless if it does not say. */
  readonly remainingMs: () => number;
}

/** Reads a context, whatever it is. */
export function readContext(context: unknown): Invocation {
  const parsed = contextSchema.safeParse(context);
  const { request_id, getRemainingTimeInMillis } = parsed.success ? parsed.data : {};
  return {
    requestId: request_id ?? randomUUID(),
    remainingMs: getRemainingTimeInMillis ?? (() => Number.POSITIVE_INFINITY),
  };
}
