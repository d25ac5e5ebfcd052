/** WeChat's own face verification in a mini-program, in both generations behind one channel. */
import { ProviderError } from "../../providers/provider-error.ts";
import type { CallOptions } from "../../providers/time-limit.ts";
import type { Channel, EvidencePiece, ObservedVerification } from "../types.ts";
import { wechatV1 } from "./v1.ts";
import { wechatV2 } from "./v2.ts";
import { boundedAccess, type WechatAccess, type WechatVersion } from "./version.ts";

/** How the channel is made. */
export interface WechatChannelOptions extends WechatAccess {
  /** Which generation issues; both observe what they issued. */
  readonly generation: "1" | "2";
  /** Whether the app has the permit for getimage, the only evidence there is. */
  readonly image: boolean;
}

const generations: ReadonlyMap<string, (access: WechatAccess) => WechatVersion> = new Map([
  ["1", wechatV1],
  ["2", wechatV2],
]);

/** Makes the channel. */
export function wechatChannel(options: WechatChannelOptions): Channel {
  const chosen = (generation: string | undefined, bounds: CallOptions): WechatVersion => {
    const make = generations.get(generation ?? "");
    if (!make)
      throw new ProviderError("configuration", "wechat", { hint: "a token of an unknown generation" });
    return make(boundedAccess(options, bounds));
  };
  const issuedBy = (verification: ObservedVerification, bounds: CallOptions) =>
    chosen(verification.issued.account["generation"], bounds);

  return {
    name: "wechat",
    evidence: options.image ? ["best-frame"] : [],
    async issue(request, bounds = {}) {
      const { identity } = request;
      if (!identity) throw new ProviderError("rejected", "wechat", { hint: "no identity" });
      return chosen(options.generation, bounds).issue({ ...request, identity });
    },
    observe: async (verification, bounds = {}) => issuedBy(verification, bounds).observe(verification),
    async fetchEvidence(verification, kind, bounds = {}): Promise<EvidencePiece[]> {
      if (kind !== "best-frame") return [];
      const image = await issuedBy(verification, bounds).fetchImage(verification);
      if (!image) return [];
      const name = image.mediaType === "image/png" ? "best-frame.png" : "best-frame.jpg";
      return [{ kind, name, mediaType: image.mediaType, bytes: image.bytes }];
    },
  };
}
