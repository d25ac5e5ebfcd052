/** One call through the SDK: sent, tried again if the connection broke, classified, parsed. */
import * as z from "zod/mini";
import { ProviderError } from "../provider-error.ts";
import { brokeOnTheWire, classify } from "./classify.ts";

/** Sends a call and parses its answer. Throws only {@link ProviderError}. */
export async function call<T extends z.core.$ZodType>(
  operation: string,
  schema: T,
  send: () => Promise<unknown>,
): Promise<z.infer<T>> {
  const answer = await sendOnceOrTwice(operation, send);
  const parsed = z.safeParse(schema, answer);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => issue.path.join(".")).join(", ");
  throw new ProviderError("malformed", operation, { hint: `wrong type or missing: ${fields}` });
}

/** A reused connection can be dead after a freeze; both queries and token calls may be repeated at no cost. */
async function sendOnceOrTwice(operation: string, send: () => Promise<unknown>): Promise<unknown> {
  const attempt = async () => {
    try {
      return await send();
    } catch (error) {
      if (error instanceof ProviderError) throw error;
      throw classify(operation, isException(error) ? error : { message: "" });
    }
  };
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof ProviderError && brokeOnTheWire(error)) return attempt();
    throw error;
  }
}

const isException = (error: unknown): error is Error & { code?: unknown } => error instanceof Error;
