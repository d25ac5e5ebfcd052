/**
 * WeChat's face API 1.0: a result can only be asked for by its `verify_result`, which the client or the push brings. Each
 * is one try of the person; a handle that WeChat does not know says nothing about the others.
 */
import { createHash } from "node:crypto";
import { ProviderError } from "../../providers/provider-error.ts";
import { type FaceInfo, getImage, getInfo, getUserIdKey } from "../../providers/wechat/face-v1.ts";
import type { Attempt, Observation, ObservedVerification } from "../types.ts";
import { outSeqNo } from "./sequence.ts";
import type { WechatAccess, WechatVersion } from "./version.ts";

interface ResultLookup {
  readonly handle: string;
  readonly info: FaceInfo;
}

/** Makes the generation. */
export function wechatV1({ client, tokens }: WechatAccess): WechatVersion {
  const ask = async (handle: string): Promise<ResultLookup | undefined> => {
    try {
      return { handle, info: await tokens.withAccessToken((token) => getInfo(client, token, handle)) };
    } catch (error) {
      // Also seen for fresh handles (84001): asked again at the next check.
      if (error instanceof ProviderError && ["unknown-token", "purged"].includes(error.kind))
        return undefined;
      throw error;
    }
  };
  const askAll = async ({
    resultTokens: handles = [],
    createdAt,
  }: ObservedVerification): Promise<ResultLookup[]> => {
    const told = await Promise.all(handles.map(ask));
    return told.filter((each) => each !== undefined).filter((each) => !isOlder(each, createdAt));
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
      const told = await askAll(verification);
      // A pass counts whichever try it was; otherwise the newest try tells.
      const best = told.find(({ info }) => info.identifyRet === 0) ?? told[0];
      return observation(best, told);
    },
    async fetchImage(verification) {
      const [best] = (await askAll(verification)).filter(({ info }) => info.identifyRet === 0);
      return best && tokens.withAccessToken((token) => getImage(client, token, best.handle));
    },
  };
}

/** Seconds by which WeChat's clock and ours may differ. */
const MAX_CLOCK_SKEW_S = 60;

/**
 * True for a try from before the verification was begun: the same person's, kept back from an earlier one and brought
 * now. WeChat says neither our number nor, reliably, the key, so only the time tells the two apart; a pass without a time
 * could be either, and counts as the older.
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

/** A time that could not be put on record would keep the verification from being settled; 1970 says that it is not known. */
const timeOf = (seconds = 0): Date =>
  new Date(seconds > 0 && seconds <= LAST_STORABLE_S ? seconds * 1000 : 0);

/** The handle is a secret; its hash names the try just as well. */
const attemptOf = ({ handle, info }: ResultLookup): Attempt => ({
  seq: createHash("sha256").update(handle).digest("hex"),
  at: timeOf(info.identifyTime),
  code: String(info.identifyRet),
  charged: null,
});
