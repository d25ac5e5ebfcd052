/** WeChat's servers, in memory: both versions of the face API, behind the client that every call goes through. */
import { createHash } from "node:crypto";
import { verificationOf } from "../../shared/channels/wechat/sequence.ts";
import type { WechatClient } from "../../shared/providers/wechat/index.ts";
import { type Flow, mediumOf } from "./flow.ts";
import { ask, issue, type ProviderState } from "./provider.ts";
import { theWorld } from "./time.ts";

const LIFETIME_S = 3_600;
/** Neither may turn up anywhere in the clear. */
export const ACCESS_TOKEN = "CANARY-ACCESS-TOKEN";
const VERIFY_RET_FAILED = 10_002;

const md5 = (text: string) => createHash("md5").update(text, "utf8").digest("hex");

/** The result token of a try, v1's only way to its result. */
export const resultTokenOf = ({ token }: Flow, index: number): string => `CANARY-RESULT-${index}-${token}`;

type Fields = Readonly<Record<string, unknown>>;
const textOf = (fields: Fields, name: string): string => {
  const value = fields[name];
  return typeof value === "string" ? value : "";
};

function byResultToken(state: ProviderState, resultToken: string) {
  for (const flow of state.flows.values()) {
    const index = flow.tries.findIndex((_, place) => resultTokenOf(flow, place) === resultToken);
    const one = flow.tries[index];
    if (one) return { flow, one };
  }
  return undefined;
}

/** Version 1. */
const v1: Readonly<Record<string, (state: ProviderState, body: Fields) => object | Buffer>> = {
  getuseridkey: (state, body) => {
    const asked = { name: textOf(body, "name"), idCardNumber: textOf(body, "id_card_number") };
    const verificationId = verificationOf(textOf(body, "out_seq_no")) ?? "";
    const flow = issue(state, "wechat-v1", { verificationId, asked }, LIFETIME_S * 1_000, LIFETIME_S * 1_000);
    return { errcode: 0, user_id_key: flow.token, expires_in: LIFETIME_S };
  },
  getinfo: (state, body) => {
    const found = byResultToken(state, textOf(body, "verify_result"));
    if (!found) return { errcode: 84001 };
    const { flow, one } = found;
    return {
      errcode: 0,
      identify_ret: one.code === 0 ? 0 : VERIFY_RET_FAILED,
      openid: flow.openid,
      user_id_key: flow.token,
      identify_time: Math.floor(one.at / 1_000),
      id_card_number_md5: md5(flow.person?.idCardNumber ?? ""),
      name_utf8_md5: md5(flow.person?.name ?? ""),
    };
  },
};

/** Version 2. */
const v2: typeof v1 = {
  getverifyid: (state, body) => {
    const number = textOf(body, "out_seq_no");
    if (state.usedNumbers.has(number)) return { errcode: 84019 };
    state.usedNumbers.add(number);
    const info = body["cert_info"];
    const certificate: Fields = typeof info === "object" && info !== null ? { ...info } : {};
    const asked = { name: textOf(certificate, "cert_name"), idCardNumber: textOf(certificate, "cert_no") };
    const facts = { verificationId: verificationOf(number) ?? "", asked };
    const flow = issue(state, "wechat-v2", facts, LIFETIME_S * 1_000, LIFETIME_S * 1_000);
    return { errcode: 0, verify_id: flow.token, expires_in: LIFETIME_S };
  },
  queryverifyinfo: (state, body) => {
    const flow = state.flows.get(textOf(body, "verify_id"));
    if (!flow) return { errcode: 84020 };
    if (theWorld().now >= flow.purgeAt) return { errcode: 84022 };
    const last = flow.tries.at(-1);
    return { errcode: 0, verify_ret: last ? (last.code === 0 ? 10_000 : VERIFY_RET_FAILED) : 10_300 };
  },
};

function imageOf(state: ProviderState, body: Fields): object | Buffer {
  const flow =
    byResultToken(state, textOf(body, "verify_result"))?.flow ?? state.flows.get(textOf(body, "verify_id"));
  if (!flow) return { errcode: 84001 };
  return theWorld().now >= flow.purgeAt ? { errcode: 84022 } : mediumOf(flow, "best-frame");
}

/** The client. */
export const simulatedWechat = (state: () => ProviderState): WechatClient => ({
  send: ({ operation, body = {} }, options = {}) =>
    ask(state, operation, options, (known) => {
      if (operation === "stable_token") return json({ access_token: ACCESS_TOKEN, expires_in: 7_200 });
      if (operation === "getimage") return json(imageOf(known, body));
      return json((v1[operation] ?? v2[operation])?.(known, body) ?? { errcode: 40066 });
    }),
});

const json = (answer: object | Buffer): Buffer =>
  Buffer.isBuffer(answer) ? answer : Buffer.from(JSON.stringify(answer));
