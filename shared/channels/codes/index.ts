/** Every table of result codes, and what is said where no table has a word. */
import type { ResultFamily } from "../types.ts";
import { faceIdCodes } from "./faceid.ts";
import { intentionCodes } from "./intention.ts";
import type { CodeMeaning, CodeTable } from "./types.ts";
import { wechatV1Codes, wechatV2Codes } from "./wechat.ts";

const tables: Readonly<Record<ResultFamily, CodeTable>> = {
  faceid: faceIdCodes,
  intention: intentionCodes,
  "wechat-v1": wechatV1Codes,
  "wechat-v2": wechatV2Codes,
};

/** A code that no published table has: a failed attempt, never a pass; the number is kept beside it. */
const unknownCode: CodeMeaning = {
  class: "retry",
  reason: "unknown_code",
  charged: false,
  retryable: true,
  zh: "核验未通过，请重试",
  en: "Not verified; try again",
};

/** What a provider's code means. `Object.hasOwn`, so that a code such as `constructor` means nothing. */
export function meaningOf(product: ResultFamily, code: string): CodeMeaning {
  const table = tables[product];
  return (Object.hasOwn(table, code) ? table[code] : undefined) ?? unknownCode;
}

export type { CodeMeaning } from "./types.ts";
