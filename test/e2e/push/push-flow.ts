/** The message push of a stack: pushes as WeChat writes them, as an independent library writes them, and as forgers do. */
import * as wecom from "@wecom/crypto";
import * as z from "zod";
import { outSeqNo } from "../../../shared/channels/wechat/sequence.ts";
import {
  type PushMode,
  pushSignature,
  writeFlatXml,
  writePush,
} from "../../../shared/providers/wechat/index.ts";
import { type Flow, startFlow } from "../../channels/flow.ts";
import { type Answer, send } from "../../support/request.ts";
import type { TestStack } from "../../support/stack.ts";

/** The simulated app's push, as the contract names it. */
export const account = {
  tokens: ["simpushtoken"],
  aesKeys: ["simAESKEY0123456789simAESKEY0123456789simAE"],
  appId: "wxsim00000000000001",
} as const;
export const originalId = "gh_sim000000001";

/** The fields of a push. */
export type Fields = Readonly<Record<string, string | number>>;

/** A push that can be sent, changed and sent again. */
export interface Push {
  readonly query: URLSearchParams;
  readonly body: string | Uint8Array;
  readonly contentType?: string;
}

/** A 1.0 flow that the person has passed, of which nobody has told us yet. */
export interface Passed extends Flow {
  readonly handle: string;
  /** What WeChat's push about it says; `over` replaces fields. */
  event(over?: Fields): Fields;
}

/** Starts a flow and lets the person pass; the simulator sends no push. */
export async function passedFlow(stack: TestStack, openid = "mei"): Promise<Passed> {
  const flow = await startFlow(stack, "wechat", { openid });
  const handle = await flow.complete("passed");
  const event = (over: Fields = {}): Fields => ({
    ToUserName: originalId,
    FromUserName: openid,
    CreateTime: Math.floor(stack.running.functions.now() / 1000),
    MsgType: "event",
    Event: "face_identify",
    openid,
    out_seq_no: outSeqNo(flow.id, 1),
    verify_result: handle,
    ...over,
  });
  return { ...flow, handle, event };
}

/** How a push is written. */
export interface Writing {
  readonly mode?: PushMode;
  readonly format?: "json" | "xml";
  readonly tokens?: readonly string[];
  readonly aesKeys?: readonly string[];
  readonly appId?: string;
  /** Seconds by which the timestamp is off; positive is later. */
  readonly shift?: number;
}

/** Writes a push as WeChat does. */
export function written(stack: TestStack, fields: Fields, writing: Writing = {}): Push {
  const { shift = 0, mode = "secure", format = "json", ...over } = writing;
  const now = new Date(stack.running.functions.now() + shift * 1000);
  return writePush({ ...account, ...over, mode, format, now }, fields);
}

/** Writes a push in secure mode with an encryption library that shares no code with ours. */
export function writtenElsewhere(
  stack: TestStack,
  fields: Fields,
  { appId = account.appId as string, shift = 0, format = "xml" as "json" | "xml" } = {},
): Push {
  const words = format === "xml" ? writeFlatXml : JSON.stringify;
  const timestamp = String(Math.floor(stack.running.functions.now() / 1000) + shift);
  const nonce = String(Math.floor(Math.random() * 1e9));
  const [token] = account.tokens;
  const encrypt = wecom.encrypt(account.aesKeys[0], words(fields), appId);
  const query = new URLSearchParams({
    signature: pushSignature([token, timestamp, nonce]),
    timestamp,
    nonce,
    openid: String(fields["openid"] ?? ""),
    encrypt_type: "aes",
    msg_signature: wecom.getSignature(token, timestamp, nonce, encrypt),
  });
  return { query, body: words({ ToUserName: originalId, Encrypt: encrypt }) };
}

/** Changes the query of a push; `undefined` takes a parameter away. */
export function withQuery(push: Push, change: Readonly<Record<string, string | undefined>>): Push {
  const query = new URLSearchParams(push.query);
  for (const [name, value] of Object.entries(change)) {
    if (value === undefined) query.delete(name);
    else query.set(name, value);
  }
  return { ...push, query };
}

/** Sends a push to the gateway. */
export function deliver(
  stack: TestStack,
  { query, body, contentType = "text/plain" }: Push,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const url = `${stack.running.url}/wechat/push?${query}`;
  return send("POST", url, { body, headers: { "content-type": contentType, ...headers } });
}

const deliveries = z.object({
  deliveries: z.array(
    z.looseObject({
      event: z.string(),
      outcome: z.string(),
      status: z.number().optional(),
      tookMs: z.number().optional(),
    }),
  ),
});

/** What became of the simulator's own pushes. */
export async function deliveriesOf(stack: TestStack) {
  const answer = await send("GET", `${stack.running.simulatorUrl}/_sim/push`);
  return deliveries.parse(answer.json()).deliveries;
}

/** How many rows there are that only a push that was believed writes. */
export async function effects(stack: TestStack): Promise<unknown> {
  const [counts] = await stack.sql(
    "select (select count(*)::int from seen_push) as pushes, (select count(*)::int from result_token) as handles",
  );
  return counts;
}
