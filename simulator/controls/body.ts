import * as z from "zod";
import { type Incoming, type Reply, refused } from "../exchange.ts";

/** Reads a control call's JSON body and hands it on, or refuses it with a sentence that names what is wrong. */
export function withBody<Body>(
  incoming: Incoming,
  schema: z.ZodType<Body>,
  handle: (body: Body) => Reply,
): Reply {
  if (incoming.tooLarge) return refused(413, "The body is larger than 10 MB.");
  let given: unknown;
  try {
    given = JSON.parse(incoming.body.toString("utf8"));
  } catch {
    return refused(400, "The body is not JSON.");
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return handle(parsed.data);
  return refused(400, z.prettifyError(parsed.error).replace(/\s*\n\s*/g, " "));
}
