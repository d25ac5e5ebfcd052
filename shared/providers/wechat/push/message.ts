/** Reads a message's bytes, JSON or XML: whichever its first character says, since the content type is not signed. */
import type { PushFields } from "./fields.ts";
import { readFlatJson } from "./json.ts";
import { PushRefused } from "./push-refused.ts";
import { readFlatXml } from "./xml.ts";

/** The largest message read, in bytes; WeChat's own are below 4 KiB. */
const maxPushBytes = 64 * 1024;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** @throws PushRefused `body` if it is too large, not UTF-8, or not flat. */
export function readPushMessage(bytes: Uint8Array): PushFields {
  if (bytes.length > maxPushBytes) throw new PushRefused("body");
  const text = decoded(bytes);
  return text.trimStart().startsWith("{") ? readFlatJson(text) : readFlatXml(text);
}

function decoded(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new PushRefused("body");
  }
}
