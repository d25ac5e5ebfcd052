/** What the two generations of WeChat's face API have in common. */
import type { AccessTokens } from "../../providers/wechat/access-token.ts";
import type { FaceImage } from "../../providers/wechat/face-image.ts";
import type { WechatClient } from "../../providers/wechat/http.ts";
import type { Identity, Issue, IssueRequest, Observation, ObservedVerification } from "../types.ts";

/** How WeChat is reached. */
export interface WechatAccess {
  readonly client: WechatClient;
  readonly tokens: AccessTokens;
}

/** One generation. A token is observed by the generation that issued it, whatever is configured since. */
export interface WechatVersion {
  issue(request: IssueRequest & { readonly identity: Identity }): Promise<Issue>;
  observe(verification: ObservedVerification): Promise<Observation>;
  /** The picture that was compared; `undefined` if there is none to ask for. */
  fetchImage(verification: ObservedVerification): Promise<FaceImage | undefined>;
}
