/** WeChat's own face verification in a mini-program, with both versions of its API behind one channel. */
import { ProviderError } from "../../providers/provider-error.ts";
import type { CallOptions } from "../../providers/time-limit.ts";
import type { Channel, EvidenceKind, FetchedEvidence, ObservedVerification } from "../types.ts";
import { wechatV1 } from "./v1.ts";
import { wechatV2 } from "./v2.ts";
import { boundedAccess, type WechatAccess, type WechatVersion } from "./version.ts";

/** What WeChat can have of a person: the picture that was compared. */
export const WECHAT_EVIDENCE: readonly (readonly EvidenceKind[])[] = [["best-frame"]];

/** What the channel is made of. */
export interface WechatChannelOptions extends WechatAccess {
  /** The version of the API that issues; each token is observed by the version that issued it. */
  readonly version: "1" | "2";
  /** Whether the app has the permit for getimage, the only evidence there is. */
  readonly image: boolean;
}

const VERSIONS: ReadonlyMap<string, (access: WechatAccess) => WechatVersion> = new Map([
  ["1", wechatV1],
  ["2", wechatV2],
]);

/** Makes the channel. */
export function wechatChannel(options: WechatChannelOptions): Channel {
  const versionOf = (version: string | undefined, bounds: CallOptions): WechatVersion => {
    const make = VERSIONS.get(version ?? "");
    if (!make)
      throw new ProviderError("configuration", "wechat", { hint: "a token of an unknown API version" });
    return make(boundedAccess(options, bounds));
  };
  // Stored tokens name their version `generation`.
  const issuedBy = ({ issued }: ObservedVerification, bounds: CallOptions) =>
    versionOf(issued.account["generation"], bounds);

  return {
    name: "wechat",
    evidence: options.image ? WECHAT_EVIDENCE : [],
    evidenceOfPassesOnly: true,
    usesResultTokens: true,
    async issue(request, bounds = {}) {
      const { identity } = request;
      if (!identity) throw new ProviderError("rejected", "wechat", { hint: "no identity" });
      return versionOf(options.version, bounds).issue({ ...request, identity });
    },
    observe: async (verification, bounds = {}) => issuedBy(verification, bounds).observe(verification),
    async fetchEvidence(verification, kinds, bounds = {}): Promise<FetchedEvidence> {
      const nothing = { pieces: [], unreadable: [], excluded: [] };
      if (!kinds.includes("best-frame")) return nothing;
      const image = await issuedBy(verification, bounds).fetchImage(verification);
      if (!image) return nothing;
      const { mediaType, bytes } = image;
      const name = mediaType === "image/png" ? "best-frame.png" : "best-frame.jpg";
      return { ...nothing, pieces: [{ kind: "best-frame", name, mediaType, bytes }] };
    },
  };
}
