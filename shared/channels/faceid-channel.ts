/**
 * What the mini-program and the H5 channel share: both are FaceID flows (DetectAuth → GetDetectInfoEnhanced) and differ
 * only in how the person starts and comes back.
 */

import { ProviderError } from "../providers/provider-error.ts";
import type { FaceId } from "../providers/tencent-cloud/faceid.ts";
import { evidenceIn, INFO_TYPES } from "./faceid-evidence.ts";
import { needsIntention, observation } from "./faceid-observation.ts";
import { type Channel, type ChannelName, EVIDENCE_KINDS } from "./types.ts";

/** Seconds in which a BizToken may be started and finished (Tencent doc 1007/31816). */
const BIZ_TOKEN_LIFETIME_S = 7_200;
/** Seconds after a BizToken's creation at which its result is deleted: 3 × 24 × 3,600 (Tencent doc 1007/41957). */
const RESULT_LIFETIME_S = 259_200;

/** The most that one call gives; more is clamped by the service. */
const MAX_BEST_FRAMES = 10;

/** How a FaceID channel is made. */
export interface FaceIdChannelOptions {
  readonly name: ChannelName;
  readonly client: FaceId;
  /** The business flow to issue under; queries use the one that the token was issued under. */
  readonly ruleId: string | undefined;
  /** What the client starts with. */
  readonly start: (answer: {
    readonly bizToken: string;
    readonly url: string | undefined;
  }) => Record<string, string>;
}

/** Makes a FaceID channel. */
export function faceIdChannel({ name, client, ruleId, start }: FaceIdChannelOptions): Channel {
  return {
    name,
    evidence: EVIDENCE_KINDS,
    async issue({ verificationId, identity, landingUrl }) {
      if (ruleId === undefined) throw new ProviderError("configuration", "DetectAuth", { hint: "no RuleId" });
      const answer = await client.detectAuth({
        RuleId: ruleId,
        Extra: verificationId,
        ...(identity && { Name: identity.name, IdCard: identity.idCardNumber }),
        ...(landingUrl && { RedirectUrl: landingUrl }),
      });
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
    async observe({ issued }) {
      const answer = await client.getDetectInfoEnhanced({ ...query(issued), InfoType: "1" });
      if (!needsIntention(answer)) return observation(answer);
      const whole = await client.getDetectInfoEnhanced({ ...query(issued), InfoType: "156" });
      return observation(whole);
    },
    async fetchEvidence({ issued }, kind) {
      const answer = await client.getDetectInfoEnhanced({
        ...query(issued),
        InfoType: INFO_TYPES[kind],
        ...(kind === "best-frame" && { BestFramesCount: MAX_BEST_FRAMES }),
      });
      return evidenceIn({ ...answer, text: answer.Text }, kind);
    },
  };
}

const query = (issued: { token: string; account: Readonly<Record<string, string>> }) => ({
  BizToken: issued.token,
  RuleId: issued.account["ruleId"] ?? "",
});
