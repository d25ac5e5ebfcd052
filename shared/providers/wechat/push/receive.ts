/**
 * Receives the message push, strictly in the configured mode. What is trusted differs:
 *
 *     plain       `signature` covers Token, timestamp and nonce, not the body: it proves a recent sender, nothing more
 *     compatible  `msg_signature` covers `Encrypt`; the body also shows the fields in the clear, which are ignored
 *     secure      the same, and a body that shows fields in the clear is refused
 *
 * Pure: no clock, no memory. A caller that acts on a push stores its `signature` for ten minutes, so that it serves once.
 */
import { decryptPush, pushKey } from "./cipher.ts";
import type { PushFields } from "./message.ts";
import { readPushMessage } from "./message.ts";
import { PushError } from "./push-error.ts";
import { isSignedBy, type PushQuery, readPushQuery, type SignedQuery } from "./signed-query.ts";

/** As configured in WeChat's console: 明文模式, 兼容模式, 安全模式. */
export type PushMode = "plain" | "compatible" | "secure";

/** What pushes are checked against. */
export interface PushSettings {
  readonly mode: PushMode;
  /** The Token, and the previous one while it is being changed. */
  readonly tokens: readonly string[];
  /** The EncodingAESKey, and the previous one while it is being changed. Not used in plain mode. */
  readonly aesKeys: readonly string[];
  readonly appId: string;
}

/** A push as it came in. */
export interface IncomingPush {
  readonly query: PushQuery;
  readonly body: Uint8Array;
}

/** A push that may have an effect. */
export interface PushMessage {
  readonly fields: PushFields;
  /** The signature that was checked; accept each only once. */
  readonly signature: string;
  /** When WeChat sent it, by the signed timestamp. */
  readonly sentAt: Date;
}

/**
 * Checks and opens a push.
 *
 * @throws PushError and nothing else for bad pushes; if `isFromWechat` is true, answer `success` all the same.
 * @throws ProviderError `configuration` if an EncodingAESKey of the settings is not one.
 */
export function receivePush(settings: PushSettings, now: Date, push: IncomingPush): PushMessage {
  const query = readPushQuery(push.query, now);
  const isSigned = isSignedBy(settings.tokens, [query.timestamp, query.nonce], query.signature ?? "");
  const keys = settings.mode === "plain" ? [] : settings.aesKeys.map(pushKey);
  return withAuthenticity(isSigned && query.isFresh, () => {
    if (settings.mode !== "plain") return receiveEncrypted(settings, keys, query, push.body);
    if (!isSigned) throw new PushError("signature");
    if (!query.isFresh) throw new PushError("timestamp");
    if (query.encryptType === "aes") throw new PushError("mode");
    const fields = readPushMessage(push.body);
    if ("Encrypt" in fields) throw new PushError("mode");
    return { fields, signature: query.signature ?? "", sentAt: query.sentAt };
  });
}

function receiveEncrypted(
  settings: PushSettings,
  keys: readonly Buffer[],
  query: SignedQuery,
  body: Uint8Array,
): PushMessage {
  const { msgSignature } = query;
  if (query.encryptType !== "aes" || msgSignature === undefined) throw new PushError("mode");
  const envelope = readPushMessage(body);
  const encrypt = envelope["Encrypt"];
  if (typeof encrypt !== "string") throw new PushError("mode");
  // White space around or inside the text is signed by some senders and not by others.
  const written = [encrypt, encrypt.replace(/\s+/g, "")];
  const isSigned = (text: string) =>
    isSignedBy(settings.tokens, [query.timestamp, query.nonce, text], msgSignature);
  if (!written.some(isSigned)) throw new PushError("signature");
  if (!query.isFresh) throw new PushError("timestamp");
  return withAuthenticity(true, () => {
    if (settings.mode === "secure" && "MsgType" in envelope) throw new PushError("mode");
    const fields = readPushMessage(decryptPush(encrypt, keys, settings.appId));
    return { fields, signature: msgSignature, sentAt: query.sentAt };
  });
}

/** Runs `work`; the errors of a push that is WeChat's say so. */
function withAuthenticity<T>(isFromWechat: boolean, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (isFromWechat && error instanceof PushError && !error.isFromWechat) {
      throw new PushError(error.reason, true);
    }
    throw error;
  }
}

/**
 * Answers the GET by which WeChat's console proves that the address is ours: the `echostr` to send back verbatim.
 *
 * @throws PushError `query`, `signature` or `timestamp`. The signature does not cover `echostr`, so only what WeChat
 *   sends there (letters and digits) is ever sent back.
 */
export function echo(settings: Pick<PushSettings, "tokens">, now: Date, pairs: PushQuery): string {
  const query = readPushQuery(pairs, now);
  if (query.echostr === undefined) throw new PushError("query");
  if (!isSignedBy(settings.tokens, [query.timestamp, query.nonce], query.signature ?? "")) {
    throw new PushError("signature");
  }
  if (!query.isFresh) throw new PushError("timestamp");
  return query.echostr;
}
