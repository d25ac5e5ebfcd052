/** v2 of WeChat's face API: person and openid are bound when the `verify_id` is made, and its result is asked for by us. */
import { ProviderError } from "../../providers/provider-error.ts";
import {
  getVerifyId,
  getVerifyImage,
  queryVerifyInfo,
  type VerifyInfoRequest,
} from "../../providers/wechat/index.ts";
import { meaningIn } from "../code-table.ts";
import type { Attempt, Identity, Issue, IssueRequest, Observation, ObservedVerification } from "../types.ts";
import { wechatV2Codes } from "./codes.ts";
import { outSeqNo } from "./sequence.ts";
import type { WechatAccess, WechatVersion } from "./version.ts";

/** A call whose answer was lost uses its number up; after this many numbers the provider is in trouble. */
const MAX_TRIES = 3;

/** The codes that say that a result is not of this person, openid or number (84017, 84018, 84020). */
const MISMATCH_CODES: ReadonlySet<string> = new Set(["84017", "84018", "84020"]);

/** Makes v2. */
export function wechatV2({ client, tokens }: WechatAccess): WechatVersion {
  const issueOnce = (
    request: Required<Pick<IssueRequest, "owner">> & { identity: Identity },
    number: string,
  ) =>
    tokens.withAccessToken((accessToken) =>
      getVerifyId(client, accessToken, {
        outSeqNo: number,
        openid: request.owner,
        certificate: { certName: request.identity.name, certNo: request.identity.idCardNumber },
      }),
    );
  return {
    async issue({ verificationId, owner, identity }): Promise<Issue> {
      const used: string[] = [];
      for (;;) {
        const number = outSeqNo(verificationId, used.length + 1);
        used.push(number);
        try {
          const { verifyId, expiresIn } = await issueOnce({ owner, identity }, number);
          return {
            issued: {
              token: verifyId,
              start: { verifyId },
              account: { generation: "2", outSeqNo: number, usedOutSeqNos: used.join(",") },
            },
            lifetimeSeconds: expiresIn,
            // After its hour the result is gone: WeChat answers 84022.
            resultSeconds: expiresIn,
          };
        } catch (error) {
          if (!isLost(error) || used.length === MAX_TRIES) throw error;
        }
      }
    },
    async observe(verification): Promise<Observation> {
      const observed = { family: "wechat-v2", checks: {}, attempts: [], echo: null } as const;
      try {
        const { verifyRet } = await tokens.withAccessToken((accessToken) =>
          queryVerifyInfo(client, accessToken, infoRequest(verification)),
        );
        const code = String(verifyRet);
        return { ...observed, code, attempts: attempts(verification, code), person: { kind: "bound" } };
      } catch (error) {
        if (error instanceof ProviderError && MISMATCH_CODES.has(error.code ?? "")) {
          return { ...observed, code: error.code ?? null, person: { kind: "other" } };
        }
        throw error;
      }
    },
    async fetchImage(verification) {
      return tokens.withAccessToken((accessToken) =>
        getVerifyImage(client, accessToken, infoRequest(verification)),
      );
    },
  };
}

/** WeChat counts no tries; a verdict is one, known by our number. */
function attempts({ issued }: ObservedVerification, code: string): Attempt[] {
  if (meaningIn(wechatV2Codes, code).class === "pending") return [];
  return [{ seq: issued.account["outSeqNo"] ?? "", at: new Date(), code, charged: null }];
}

/** The answer may have been lost after the call took effect: its number is spent, a new one costs nothing. */
const isLost = (error: unknown): boolean =>
  error instanceof ProviderError && (error.code === "84019" || error.kind === "unavailable");

function infoRequest({ owner, issued, identity }: ObservedVerification): VerifyInfoRequest {
  if (!identity)
    throw new ProviderError("configuration", "queryverifyinfo", { hint: "no identity on record" });
  return {
    verifyId: issued.token,
    outSeqNo: issued.account["outSeqNo"] ?? "",
    openid: owner,
    certificate: { certName: identity.name, certNo: identity.idCardNumber },
  };
}
