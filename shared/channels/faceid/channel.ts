/**
 * A FaceID flow (DetectAuth → GetDetectInfoEnhanced). The channels that are one differ only in how the person starts and
 * comes back.
 */
import { ProviderError } from "../../providers/provider-error.ts";
import type { FaceId } from "../../providers/tencent-cloud/index.ts";
import type { Channel } from "../types.ts";
import { FACEID_EVIDENCE, fetchEvidence, infoTypeOf } from "./evidence.ts";
import { needsIntention, observation } from "./observation.ts";

/** Seconds in which a BizToken may be started and finished (Tencent doc 1007/31816). */
const BIZ_TOKEN_LIFETIME_S = 7_200;
/** Seconds after a BizToken's creation at which its result is deleted: 3 × 24 × 3,600 (Tencent doc 1007/41957). */
const RESULT_LIFETIME_S = 259_200;

/** The most that one call gives; more is clamped by the service. */
const MAX_BEST_FRAMES = 10;

/** What a FaceID channel is made of. */
export interface FaceIdChannelOptions {
  readonly name: string;
  readonly client: FaceId;
  /** The business flow to issue under; without one it can only observe and fetch, under the token's own. */
  readonly ruleId: string | undefined;
  /** What the client starts with. */
  readonly start: (answer: {
    readonly bizToken: string;
    readonly url: string | undefined;
  }) => Record<string, string>;
}

/** For channels that run in a browser: the client gets the provider's address. */
export const startByUrl: FaceIdChannelOptions["start"] = ({ url }) => {
  if (!url) throw new ProviderError("malformed", "DetectAuth", { hint: "no Url" });
  // Some answers carry the address HTML-escaped; browsers would not follow `&amp;` as a separator.
  return { url: url.replaceAll("&amp;", "&") };
};

/** Makes a FaceID channel. */
export function faceIdChannel({ name, client, ruleId, start }: FaceIdChannelOptions): Channel {
  return {
    name,
    evidence: FACEID_EVIDENCE,
    queryApi: "GetDetectInfoEnhanced",
    evidenceOfPassesOnly: false,
    usesResultTokens: false,
    async issue({ verificationId, identity, landingUrl }, options) {
      if (ruleId === undefined) throw new ProviderError("configuration", "DetectAuth", { hint: "no RuleId" });
      const request = {
        RuleId: ruleId,
        Extra: verificationId,
        ...(identity && { Name: identity.name, IdCard: identity.idCardNumber }),
        ...(landingUrl && { RedirectUrl: landingUrl }),
      };
      const answer = await client.detectAuth(request, options);
      return {
        issued: {
          token: answer.BizToken,
          start: start({ bizToken: answer.BizToken, url: answer.Url ?? undefined }),
          account: { ruleId },
        },
        lifetimeSeconds: BIZ_TOKEN_LIFETIME_S,
        resultSeconds: RESULT_LIFETIME_S,
      };
    },
    async observe({ issued }, options) {
      const answer = await client.getDetectInfoEnhanced({ ...query(issued), InfoType: "1" }, options);
      if (!needsIntention(answer)) return observation(answer);
      const whole = await client.getDetectInfoEnhanced({ ...query(issued), InfoType: "156" }, options);
      return observation(whole);
    },
    async fetchEvidence({ issued }, kinds, options) {
      const request = {
        ...query(issued),
        InfoType: infoTypeOf(kinds),
        ...(kinds.includes("best-frame") && { BestFramesCount: MAX_BEST_FRAMES }),
      };
      return fetchEvidence((raw) => client.getRawDetectInfo(request, raw), kinds, options);
    },
  };
}

const query = (issued: { token: string; account: Readonly<Record<string, string>> }) => ({
  BizToken: issued.token,
  RuleId: issued.account["ruleId"] ?? "",
});
