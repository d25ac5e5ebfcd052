/**
 * v1 of WeChat's face API: a result can only be asked for by its result token (`verify_result`), which the client or the
 * push brings. Each is one try of the person; a result token that WeChat does not know says nothing about the others.
 */
import { createHash } from "node:crypto";
import { ProviderError } from "../../providers/provider-error.ts";
import { clockDriftMs } from "../../providers/server-clock.ts";
import {
  type FaceInfo,
  getImage,
  getInfo,
  getUserIdKey,
  idCardNumberMd5,
} from "../../providers/wechat/index.ts";
import type { Attempt, Observation, ObservedVerification } from "../types.ts";
import { outSeqNo } from "./sequence.ts";
import type { WechatAccess, WechatVersion } from "./version.ts";

/** Where a result comes from. `undated`: it could be of this flow or of an earlier one. */
type ResultOrigin = "this-flow" | "other-flow" | "somebody-else" | "undated";

interface ResultLookup {
  readonly resultToken: string;
  readonly info: FaceInfo;
  readonly origin: ResultOrigin;
}

/** Stands for no result, and is answered like any other result token that WeChat does not know (84001). */
const NO_RESULT_TOKEN = "none";

/** Makes v1. */
export function wechatV1({ client, tokens }: WechatAccess): WechatVersion {
  const lookUp = async (resultToken: string) => {
    try {
      const info = await tokens.withAccessToken((token) => getInfo(client, token, resultToken));
      return { resultToken, info };
    } catch (error) {
      // Also seen for fresh result tokens (84001): asked again at the next check.
      if (error instanceof ProviderError && ["unknown-token", "purged"].includes(error.kind))
        return undefined;
      throw error;
    }
  };
  const lookUpAll = async (verification: ObservedVerification): Promise<ResultLookup[]> => {
    const resultTokens = verification.resultTokens ?? [];
    // With nothing to ask for, WeChat is still asked, once, what time it is: a flow ends by its clock, not by ours.
    if (resultTokens.length === 0 && clockDriftMs() === undefined) await lookUp(NO_RESULT_TOKEN);
    const lookups = await Promise.all(resultTokens.map(lookUp));
    return lookups
      .flatMap((found) => found ?? [])
      .map((found) => ({
        ...found,
        origin: originOf(found.info, verification),
      }));
  };

  return {
    async issue({ verificationId, identity }) {
      const number = outSeqNo(verificationId, 1);
      const { userIdKey, expiresIn } = await tokens.withAccessToken((token) =>
        getUserIdKey(client, token, { ...identity, outSeqNo: number }),
      );
      return {
        issued: {
          token: userIdKey,
          start: { userIdKey },
          account: { generation: "1", outSeqNo: number },
        },
        lifetimeSeconds: expiresIn,
        // How long a `verify_result` can be asked for is not documented: no longer than the key is the safe assumption.
        resultSeconds: expiresIn,
      };
    },
    async observe(verification) {
      const lookups = await lookUpAll(verification);
      const foreign = lookups.filter(({ origin }) => origin === "other-flow" || origin === "somebody-else");
      return {
        ...observation(lookups),
        ...(foreign.length > 0 && { foreignResultTokens: foreign.map(({ resultToken }) => resultToken) }),
      };
    },
    async fetchImage(verification) {
      const best = (await lookUpAll(verification)).find(isOwnPass);
      return best && tokens.withAccessToken((token) => getImage(client, token, best.resultToken));
    },
  };
}

const isOwnPass = ({ info, origin }: ResultLookup): boolean =>
  origin === "this-flow" && info.identifyRet === 0;

/** Seconds by which WeChat's clock and ours may differ. */
const MAX_CLOCK_SKEW_S = 60;

/**
 * Where a result comes from. The same person's may be kept back from an earlier flow, or come from another one that is
 * open: the key tells them apart where WeChat names it, and otherwise the time. A pass without a time could be either.
 */
function originOf(
  { openid, userIdKey, identifyRet, identifyTime, idCardNumberMd5: numberMd5 }: FaceInfo,
  { owner, issued, createdAt, identity }: ObservedVerification,
): ResultOrigin {
  if (openid !== undefined && openid !== owner) return "somebody-else";
  if (numberMd5 && identity && numberMd5 !== idCardNumberMd5(identity.idCardNumber)) return "somebody-else";
  if (userIdKey !== undefined && userIdKey !== issued.token) return "other-flow";
  if (createdAt === undefined) return "this-flow";
  if (identifyTime === undefined) return identifyRet === 0 ? "undated" : "this-flow";
  const isOlder = identifyTime < createdAt.getTime() / 1000 - MAX_CLOCK_SKEW_S;
  return isOlder ? "other-flow" : "this-flow";
}

/** Another person's or user's result counts, so that who brings one fails; a result of another flow says nothing here. */
function observation(all: readonly ResultLookup[]): Observation {
  const lookups = all.filter(({ origin }) => origin === "this-flow" || origin === "somebody-else");
  // A pass counts whichever try it was, the own one first; otherwise the newest try decides.
  const best = lookups.find(isOwnPass) ?? lookups.find(({ info }) => info.identifyRet === 0) ?? lookups[0];
  const base = { family: "wechat-v1", checks: {}, echo: null, attempts: lookups.map(attemptOf) } as const;
  if (!best) return { ...base, code: null, person: { kind: "unnamed" } };
  const { identifyRet, openid, nameUtf8Md5: nameMd5, idCardNumberMd5: numberMd5 } = best.info;
  return {
    ...base,
    code: String(identifyRet),
    person:
      nameMd5 && numberMd5 ? { kind: "hashed", nameMd5, idCardNumberMd5: numberMd5 } : { kind: "unnamed" },
    ...(openid && { openid }),
  };
}

/** Seconds since 1970 of the last moment of the year 9999: no database keeps a later one. */
const LAST_STORABLE_S = 253_402_300_799;

/** A time that cannot be stored would keep the verification from being settled: 1970 then stands for an unknown time. */
const timeOf = (seconds = 0): Date =>
  new Date(seconds > 0 && seconds <= LAST_STORABLE_S ? seconds * 1000 : 0);

/** The result token is a secret; its hash identifies the try just as well. */
const attemptOf = ({ resultToken, info }: ResultLookup): Attempt => ({
  seq: createHash("sha256").update(resultToken).digest("hex"),
  at: timeOf(info.identifyTime),
  code: String(info.identifyRet),
  charged: null,
});
