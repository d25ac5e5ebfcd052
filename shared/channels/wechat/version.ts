/** What the two versions of WeChat's face API have in common. */
import type { CallOptions } from "../../providers/time-limit.ts";
import {
  type AccessTokens,
  boundedClient,
  type FaceImage,
  type WechatClient,
} from "../../providers/wechat/index.ts";
import type { Identity, Issue, IssueRequest, Observation, ObservedVerification } from "../types.ts";

/** How WeChat is reached. */
export interface WechatAccess {
  readonly client: WechatClient;
  readonly tokens: AccessTokens;
}

/** One version. A token is observed by the version that issued it, whatever is configured since. */
export interface WechatVersion {
  issue(request: IssueRequest & { readonly identity: Identity }): Promise<Issue>;
  observe(verification: ObservedVerification): Promise<Observation>;
  /** The picture that was compared; `undefined` if there is none to ask for. */
  fetchImage(verification: ObservedVerification): Promise<FaceImage | undefined>;
}

/** The same access for one caller, whose time is bounded. */
export const boundedAccess = ({ client, tokens }: WechatAccess, options: CallOptions): WechatAccess => ({
  client: boundedClient(client, options),
  tokens: { withAccessToken: (call) => tokens.withAccessToken(call, options) },
});
