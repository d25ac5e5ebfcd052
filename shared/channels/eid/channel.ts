/** E证通: the person proves themselves to the eID centre, in its mini-program or on its page. */
import { ProviderError } from "../../providers/provider-error.ts";
import {
  type Eid,
  type EidConfig,
  type EidResultAnswer,
  type EidTokenRequest,
  openEidUserInfo,
} from "../../providers/tencent-cloud/index.ts";
import { fetchEvidence, infoTypeOf } from "../faceid/evidence.ts";
import { needsIntention, observation } from "../faceid/observation.ts";
import type { Channel, EvidenceKind, ObservedPerson } from "../types.ts";

/** Seconds from an EidToken's creation at which its result is deleted (Tencent doc 1007/54090). */
const RESULT_LIFETIME_S = 259_200;
/** GetEidResult gives no more. */
const MAX_BEST_FRAMES = 3;
/** What eID can have of a person, in the groups that one call gives; there is no video. */
export const EID_EVIDENCE: readonly (readonly EvidenceKind[])[] = [
  ["text", "id-card", "best-frame"],
  ["intention"],
];

/** What issuing needs. */
export interface EidIssuing {
  readonly merchantId: string;
  /** Seconds; the vendor's own pages say 600 (API) and 7,200 (guide), so it is a setting. */
  readonly tokenSeconds: number;
  /** Who names the person when the request does not. */
  readonly inputType: "1" | "2" | "3";
  /** What the person must confirm; without it no intention is verified (and a cheaper price applies). */
  readonly intention?: Required<Pick<EidConfig, "IntentionMode">> &
    Pick<EidConfig, "IntentionVerifyText" | "IntentionQuestions" | "IntentionActions">;
}

/** What the channel is made of. Without `issuing` it can observe and fetch, but not issue. */
export interface EidChannelOptions {
  readonly client: Eid;
  /** The merchant's SM2 key, 64 hex digits: decrypts whom the eID centre names. */
  readonly privateKey?: string | undefined;
  readonly issuing?: EidIssuing;
}

/** Makes the channel. */
export function eidChannel({ client, privateKey, issuing }: EidChannelOptions): Channel {
  return {
    name: "eid",
    evidence: EID_EVIDENCE,
    queryApi: "GetEidResult",
    evidenceOfPassesOnly: false,
    usesResultTokens: false,
    async issue({ verificationId, identity, landingUrl }, options) {
      if (!issuing) throw new ProviderError("configuration", "GetEidToken", { hint: "no MerchantId" });
      const inputType = identity ? "4" : issuing.inputType;
      const request: EidTokenRequest = {
        MerchantId: issuing.merchantId,
        Extra: verificationId,
        ...(identity && { Name: identity.name, IdCard: identity.idCardNumber }),
        ...(landingUrl && { RedirectUrl: landingUrl }),
        Config: {
          InputType: inputType,
          ...(issuing.intention && { UseIntentionVerify: true, ...issuing.intention }),
        },
      };
      const answer = await client.getEidToken(request, options);
      const url = landingUrl && answer.Url ? { url: answer.Url.replaceAll("&amp;", "&") } : {};
      return {
        issued: {
          token: answer.EidToken,
          start: { eidToken: answer.EidToken, ...url },
          account: {
            merchantId: issuing.merchantId,
            inputType,
            ...(issuing.intention && { intention: issuing.intention.IntentionMode }),
          },
        },
        lifetimeSeconds: issuing.tokenSeconds,
        resultSeconds: RESULT_LIFETIME_S,
      };
    },
    async observe({ issued }, options) {
      const { Status } = await client.checkEidTokenStatus(issued.token, options);
      // There is no result before the person has finished, and a status costs a twentieth of a result's call budget.
      if (Status === "init" || Status === "doing") return observation({});
      const answer = await client.getEidResult({ EidToken: issued.token, InfoType: "1" }, options);
      const person = await eidPerson(answer, privateKey, issued.account["inputType"]);
      const asked = issued.account["intention"] !== undefined;
      if (!needsIntention(answer, asked)) return observation(answer, person);
      return observation(
        await client.getEidResult({ EidToken: issued.token, InfoType: "156" }, options),
        person,
        asked,
      );
    },
    async fetchEvidence({ issued }, kinds, options) {
      const request = {
        EidToken: issued.token,
        InfoType: infoTypeOf(kinds),
        ...(kinds.includes("best-frame") && { BestFramesCount: MAX_BEST_FRAMES }),
      };
      // The text holds EidInfo too: EidCode is the person's stable pseudonym with this merchant.
      const asked = issued.account["intention"] !== undefined;
      return fetchEvidence((raw) => client.getRawEidResult(request, raw), kinds, options, asked);
    },
  };
}

/**
 * The person whom the eID centre names, if that can be decrypted. Otherwise, if our request named the person (InputType 4),
 * the provider verified just that one, and its `Text` leaves the names empty by design.
 */
async function eidPerson(
  { EidInfo }: EidResultAnswer,
  privateKey: string | undefined,
  inputType: string | undefined,
): Promise<ObservedPerson> {
  if (privateKey && EidInfo?.DesKey && EidInfo.UserInfo) {
    const person = await openEidUserInfo({ desKey: EidInfo.DesKey, userInfo: EidInfo.UserInfo }, privateKey);
    return { kind: "named", name: person.name, idCardNumber: person.idNumber };
  }
  return inputType === "4" ? { kind: "bound" } : { kind: "unnamed" };
}
