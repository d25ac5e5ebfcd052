/** A WeChat that answers as a test tells it; shapes of the face API's pages, values invented. */
import { createHash } from "node:crypto";
import type { ChannelServices } from "../../../shared/channels/module.ts";
import type { Identity, ObservedVerification } from "../../../shared/channels/types.ts";
import { wechatChannel } from "../../../shared/channels/wechat/channel.ts";
import type { WechatCall, WechatClient } from "../../../shared/providers/wechat/http.ts";

/** Invented; check digits are right. */
export const zhang: Identity = { name: "张三", idCardNumber: "11010119900307002X" };
export const li: Identity = { name: "李四", idCardNumber: "110101198506150035" };
export const verificationId = "ver_01990000-0000-7000-8000-000000000001";

export const md5 = (text: string) => createHash("md5").update(text, "utf8").digest("hex");

/** What getinfo says of a pass of Zhang as user `openid-1`; `over` replaces fields, `undefined` takes one away. */
export const info = (over: Record<string, unknown> = {}) => ({
  errcode: 0,
  errmsg: "ok",
  identify_ret: 0,
  identify_time: 1_800_000_000,
  validate_data: "2468",
  openid: "openid-1",
  user_id_key: "KEY",
  finish_time: 1_800_000_000,
  id_card_number_md5: md5(zhang.idCardNumber),
  name_utf8_md5: md5(zhang.name),
  check_alive_type: 4,
  ...over,
});

const notThere = () => Promise.reject(new Error("there is no store"));

/** What a channel is built with that is not to get a token. */
export const withoutTokens: ChannelServices = {
  accessTokenStore: () => ({
    read: notThere,
    acquireRefresh: notThere,
    replace: notThere,
    releaseRefresh: notThere,
  }),
};

/** An answer, or what a call that fails throws. */
type Answering = (call: WechatCall) => unknown;

/** WeChat's channel that answers by `answering`, with the calls that it made. */
export function fakeWechat(answering: Answering, { version = "2" as "1" | "2", image = false } = {}) {
  const calls: WechatCall[] = [];
  const client: WechatClient = {
    send: async (call) => {
      calls.push(call);
      const answer = answering(call);
      return Buffer.isBuffer(answer) ? answer : Buffer.from(JSON.stringify(answer));
    },
  };
  const tokens = { withAccessToken: <T>(call: (token: string) => Promise<T>) => call("ACCESS-TOKEN") };
  return { channel: wechatChannel({ client, tokens, version, image }), calls };
}

/** A verification as the channel is asked about it. */
export const asked = (
  version: "1" | "2",
  over: Partial<ObservedVerification> = {},
): ObservedVerification => ({
  verificationId,
  owner: "openid-1",
  issued: {
    token: version === "1" ? "KEY" : "TOKEN",
    start: {},
    account: { generation: version, outSeqNo: "AZkAAAAAcACAAAAAAAAAAQ-1" },
  },
  identity: zhang,
  ...over,
});
