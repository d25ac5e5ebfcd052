/**
 * v1 of WeChat's face API: a result can only be asked for by its result token (`verify_result`), which the client or the
 * push brings. Each is one try of the person; a result token that WeChat does not know says nothing about the others.
 */
import { createHash } from "node:crypto";
import { ProviderError } from "../../providers/provider-error.ts";
import { type FaceInfo, getImage, getInfo, getUserIdKey } from "../../providers/wechat/index.ts";
import type { Attempt, Observation, ObservedVerification } from "../types.ts";
import { outSeqNo } from "./sequence.ts";
import type { WechatAccess, WechatVersion } from "./version.ts";

interface ResultLookup {
  readonly resultToken: string;
  readonly info: FaceInfo;
}

/** Makes v1. */
export function wechatV1({ client, tokens }: WechatAccess): WechatVersion {
  const lookUp = async (resultToken: string): Promise<ResultLookup | undefined> => {
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
  const lookUpAll = async ({
    resultTokens = [],
    createdAt,
  }: ObservedVerification): Promise<ResultLookup[]> => {
    const lookups = await Promise.all(resultTokens.map(lookUp));
    return lookups.filter((each) => each !== undefined).filter((each) => !isOlder(each, createdAt));
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
      // A pass counts whichever try it was; otherwise the newest try decides.
      const best = lookups.find(({ info }) => info.identifyRet === 0) ?? lookups[0];
      return observation(best, lookups);
    },
    async fetchImage(verification) {
      const [best] = (await lookUpAll(verification)).filter(({ info }) => info.identifyRet === 0);
      return best && tokens.withAccessToken((token) => getImage(client, token, best.resultToken));
    },
  };
}

/** Seconds by which WeChat's clock and ours may differ. */
const MAX_CLOCK_SKEW_S = 60;

/**
 * True for a try from before this verification: the same person's, kept back from an earlier one and brought now. WeChat
 * names neither our number nor, reliably, the key, so only the time tells the two apart. A pass without a time could be
 * either, and counts as the older.
 */
function isOlder(
  { info: { identifyTime, identifyRet } }: ResultLookup,
  createdAt: Date | undefined,
): boolean {
  if (createdAt === undefined) return false;
  if (identifyTime === undefined) return identifyRet === 0;
  return identifyTime < createdAt.getTime() / 1000 - MAX_CLOCK_SKEW_S;
}

function observation(best: ResultLookup | undefined, lookups: readonly ResultLookup[]): Observation {
  const base = { family: "wechat-v1", checks: {}, echo: null, attempts: lookups.map(attemptOf) } as const;
  if (!best) return { ...base, code: null, person: { kind: "unnamed" } };
  const { identifyRet, openid, nameUtf8Md5: nameMd5, idCardNumberMd5 } = best.info;
  return {
    ...base,
    code: String(identifyRet),
    person: nameMd5 && idCardNumberMd5 ? { kind: "hashed", nameMd5, idCardNumberMd5 } : { kind: "unnamed" },
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
