/**
 * Writes a push as WeChat would, to test the receiving side without WeChat.
 *
 * @example
 * const push = writePush({ ...settings, format: "json", now: new Date() }, { MsgType: "event", Event: "face_identify" });
 * receivePush(settings, new Date(), { query: push.query, body: push.body });
 */
import { randomInt } from "node:crypto";
import { ProviderError } from "../../provider-error.ts";
import { encryptPush, pushKey } from "./cipher.ts";
import type { PushFields } from "./message.ts";
import type { PushSettings } from "./receive.ts";
import { pushSignature } from "./signed-query.ts";

/** How to write: the first Token and the first EncodingAESKey of the settings are used. */
export interface PushWriting extends PushSettings {
  readonly format: "json" | "xml";
  readonly now: Date;
}

/** What to send by POST. */
export interface WrittenPush {
  readonly query: URLSearchParams;
  readonly contentType: string;
  readonly body: Buffer;
}

/** @throws ProviderError `configuration` if the settings lack a Token or, where it is needed, a key. */
export function writePush(writing: PushWriting, fields: PushFields): WrittenPush {
  const { mode, format, tokens, aesKeys, appId } = writing;
  const [token] = tokens;
  if (!token) throw new ProviderError("configuration", "message push", { hint: "there is no Token" });
  const serialize = format === "json" ? JSON.stringify : writeFlatXml;
  const timestamp = String(Math.floor(writing.now.getTime() / 1000));
  const nonce = String(randomInt(1_000_000_000));
  const query = new URLSearchParams({
    signature: pushSignature([token, timestamp, nonce]),
    timestamp,
    nonce,
  });
  const contentType = format === "json" ? "application/json" : "text/xml";
  if (mode === "plain") return { query, contentType, body: Buffer.from(serialize(fields)) };

  const encrypt = encryptPush(serialize(fields), pushKey(aesKeys[0] ?? ""), appId);
  query.set("encrypt_type", "aes");
  query.set("msg_signature", pushSignature([token, timestamp, nonce, encrypt]));
  const shown = mode === "compatible" ? fields : { ToUserName: fields["ToUserName"] ?? "" };
  return { query, contentType, body: Buffer.from(serialize({ ...shown, Encrypt: encrypt })) };
}

/** Flat XML as WeChat writes it: strings in CDATA, numbers bare. A `]]>` inside is split over two sections. */
export function writeFlatXml(fields: PushFields): string {
  const children = Object.entries(fields).map(([name, value]) => {
    const text =
      typeof value === "number" ? String(value) : `<![CDATA[${value.replaceAll("]]>", "]]]]><![CDATA[>")}]]>`;
    return `<${name}>${text}</${name}>`;
  });
  return `<xml>${children.join("")}</xml>`;
}
