/** Reads WeChat's answers: bytes to JSON, `errcode` to an error, fields to types. `errmsg` may quote input, so it is dropped. */
import * as z from "zod/mini";
import { parseJson } from "../json.ts";
import { ProviderError } from "../provider-error.ts";
import { errcodeMeaning } from "./codes.ts";
import type { WechatCall, WechatClient } from "./http.ts";

/** `errcode` is absent from some answers that succeeded; a numeric string is not a number, and `null` is not 0. `errmsg` decides nothing. */
const verdict = z.object({ errcode: z.optional(z.int()), errmsg: z.optional(z.unknown()) });

/**
 * Makes a call and gives its answer as `schema` says. Unknown fields are dropped; a missing or wrongly typed one makes
 * it `malformed`; a non-zero `errcode` is thrown as codes.ts says.
 */
export async function callWechat<T>(
  client: WechatClient,
  call: WechatCall,
  schema: z.ZodMiniType<T>,
): Promise<T> {
  return readAnswer(call.operation, await client.send(call), schema);
}

/** Reads the bytes of an answer in the same way. */
export function readAnswer<T>(operation: string, bytes: Buffer, schema: z.ZodMiniType<T>): T {
  const json = parseJson(bytes);
  if (json === undefined) {
    throw new ProviderError("malformed", operation, { hint: "the answer is not JSON in UTF-8" });
  }
  const { errcode, errmsg } = parseAs(operation, json, verdict);
  if (errcode !== undefined && errcode !== 0)
    throw errcodeError(operation, errcode, typeof errmsg === "string" ? errmsg : "");
  return parseAs(operation, json, schema);
}

function parseAs<T>(operation: string, json: unknown, schema: z.ZodMiniType<T>): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => issue.path.join(".") || "the answer").join(", ");
  throw new ProviderError("malformed", operation, { hint: `missing or of another type: ${fields}` });
}

function errcodeError(operation: string, errcode: number, errmsg: string): ProviderError {
  const { kind, hint, retryAfterSeconds } = errcodeMeaning(errcode);
  const ip = errcode === 40164 || errcode === 61004 ? findIp(errmsg) : undefined;
  return new ProviderError(kind, operation, {
    code: String(errcode),
    requestId: /\brid: ?([0-9a-f-]{8,64})\b/i.exec(errmsg)?.[1],
    ip,
    hint: ip === undefined ? hint : `${hint}: ${ip}`,
    retryAfterSeconds: retryAfterSeconds?.(new Date()),
  });
}

/** The address WeChat saw us come from, as `invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist` says it. */
function findIp(errmsg: string): string | undefined {
  return (
    /\b(?:\d{1,3}\.){3}\d{1,3}\b/.exec(errmsg)?.[0] ??
    /[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}/i.exec(errmsg)?.[0]
  );
}
