/** WeChat's own face verification in a mini-program, with both versions of its API behind one channel. */
import { ProviderError } from "../../providers/provider-error.ts";
import type { Channel, EvidenceKind, EvidencePiece, ObservedVerification } from "../types.ts";
import { wechatV1 } from "./v1.ts";
import { wechatV2 } from "./v2.ts";
import type { WechatAccess, WechatVersion } from "./version.ts";

/** What WeChat can have of a person: the picture that was compared. */
export const WECHAT_EVIDENCE: readonly EvidenceKind[] = ["best-frame"];

/** What the channel is made of. */
export interface WechatChannelOptions extends WechatAccess {
  /** The version of the API that issues; each token is observed by the version that issued it. */
  readonly version: "1" | "2";
  /** Whether the app has the permit for getimage, the only evidence there is. */
  readonly image: boolean;
}

/** Makes the channel. */
export function wechatChannel(options: WechatChannelOptions): Channel {
  const versions: ReadonlyMap<string, WechatVersion> = new Map([
    ["1", wechatV1(options)],
    ["2", wechatV2(options)],
  ]);
  const versionOf = (version: string | undefined): WechatVersion => {
    const found = versions.get(version ?? "");
    if (!found)
      throw new ProviderError("configuration", "wechat", { hint: "a token of an unknown API version" });
    return found;
  };
  // Stored tokens name their version `generation`.
  const issuedBy = ({ issued }: ObservedVerification) => versionOf(issued.account["generation"]);

  return {
    name: "wechat",
    evidence: options.image ? WECHAT_EVIDENCE : [],
    usesResultTokens: true,
    async issue(request) {
      const { identity } = request;
      if (!identity) throw new ProviderError("rejected", "wechat", { hint: "no identity" });
      return versionOf(options.version).issue({ ...request, identity });
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
