/** WeChat's own face verification in a mini-program, in both generations behind one channel. */
import { ProviderError } from "../../providers/provider-error.ts";
import type { Channel, EvidencePiece, ObservedVerification } from "../types.ts";
import { wechatV1 } from "./v1.ts";
import { wechatV2 } from "./v2.ts";
import type { WechatAccess, WechatVersion } from "./version.ts";

/** How the channel is made. */
export interface WechatChannelOptions extends WechatAccess {
  /** Which generation issues; both observe what they issued. */
  readonly generation: "1" | "2";
  /** Whether the app has the permit for getimage, the only evidence there is. */
  readonly image: boolean;
}

/** Makes the channel. */
export function wechatChannel(options: WechatChannelOptions): Channel {
  const generations: ReadonlyMap<string, WechatVersion> = new Map([
    ["1", wechatV1(options)],
    ["2", wechatV2(options)],
  ]);
  const chosen = (generation: string | undefined): WechatVersion => {
    const found = generations.get(generation ?? "");
    if (!found)
      throw new ProviderError("configuration", "wechat", { hint: "a token of an unknown generation" });
    return found;
  };
  const issuedBy = (verification: ObservedVerification) => chosen(verification.issued.account["generation"]);

  return {
    name: "wechat",
    evidence: options.image ? ["best-frame"] : [],
    async issue(request) {
      const { identity } = request;
      if (!identity) throw new ProviderError("rejected", "wechat", { hint: "no identity" });
      return chosen(options.generation).issue({ ...request, identity });
    },
    observe: async (verification) => issuedBy(verification).observe(verification),
    async fetchEvidence(verification, kind): Promise<EvidencePiece[]> {
      if (kind !== "best-frame") return [];
      const image = await issuedBy(verification).fetchImage(verification);
      if (!image) return [];
      const name = image.mediaType === "image/png" ? "best-frame.png" : "best-frame.jpg";
      return [{ kind, name, mediaType: image.mediaType, bytes: image.bytes }];
    },
  };
}
