/** The families of result codes. Each channel's results belong to one or more of them. */
import type { CodeMeaning, ResultFamily } from "./code-table.ts";
import { meaningIn } from "./code-table.ts";
import { faceIdFamily, intentionFamily } from "./faceid/result-families.ts";
import { wechatV1Family, wechatV2Family } from "./wechat/result-families.ts";

/** Every family by its name. Names live only in memory: no stored row holds one. */
export const resultFamilies = {
  faceid: faceIdFamily,
  intention: intentionFamily,
  "wechat-v1": wechatV1Family,
  "wechat-v2": wechatV2Family,
} as const satisfies Readonly<Record<string, ResultFamily>>;

/** The name of a family in {@link resultFamilies}. */
export type ResultFamilyName = keyof typeof resultFamilies;

/** The family of that name. */
export const resultFamily = (name: ResultFamilyName): ResultFamily => resultFamilies[name];

/** What a verdict's code means. */
export const meaningOf = (family: ResultFamilyName, code: string): CodeMeaning =>
  meaningIn(resultFamily(family).codes, code);

/** What the code of a single attempt means. */
export function meaningOfAttempt(family: ResultFamilyName, code: string): CodeMeaning {
  const { codes, attemptCodes = codes } = resultFamily(family);
  return meaningIn(attemptCodes, code);
}
