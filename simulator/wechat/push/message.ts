import { APP_ID, ENCODING_AES_KEY, PUSH_TOKEN } from "../account.ts";
import { pushSignature, sealed } from "./sealing.ts";

/** The modes of the message push: plain text, both, or only the encrypted text. */
export const PUSH_MODES = ["plain", "compatible", "secure"] as const;
/** The formats of the message push. */
export const PUSH_FORMATS = ["json", "xml"] as const;

/** The fields of a push, in their order. */
export type PushFields = Readonly<Record<string, string | number>>;

/** A push ready to be sent. */
export interface PushMessage {
  readonly query: URLSearchParams;
  readonly body: string;
  readonly contentType: string;
}

/** Builds a push about `openid`; `timestamp` is in seconds, `nonce` a decimal number. */
export function pushMessage(
  fields: PushFields,
  { mode, format }: { mode: (typeof PUSH_MODES)[number]; format: (typeof PUSH_FORMATS)[number] },
  { openid, timestamp, nonce }: { openid: string; timestamp: string; nonce: string },
): PushMessage {
  const encode = format === "json" ? JSON.stringify : xml;
  const signature = pushSignature(PUSH_TOKEN, timestamp, nonce);
  const query = new URLSearchParams({ signature, timestamp, nonce, openid });
  const contentType = format === "json" ? "application/json; charset=utf-8" : "text/xml; charset=utf-8";
  if (mode === "plain") return { query, body: encode(fields), contentType };
  const Encrypt = sealed(encode(fields), ENCODING_AES_KEY, APP_ID);
  query.set("encrypt_type", "aes");
  query.set("msg_signature", pushSignature(PUSH_TOKEN, timestamp, nonce, Encrypt));
  const open = mode === "compatible" ? fields : { ToUserName: fields["ToUserName"] ?? "" };
  return { query, body: encode({ ...open, Encrypt }), contentType };
}

/** Numbers are plain, texts are CDATA; a text that contains `]]>` is split over two sections. */
function xml(fields: PushFields): string {
  const lines = Object.entries(fields).map(([name, value]) => {
    const content =
      typeof value === "number" ? value : `<![CDATA[${value.replaceAll("]]>", "]]]]><![CDATA[>")}]]>`;
    return `<${name}>${content}</${name}>`;
  });
  return `<xml>${lines.join("")}</xml>`;
}
