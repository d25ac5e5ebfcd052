import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { intentionCodes } from "../../../shared/channels/faceid/intention-codes.ts";
import { meaningOf } from "../../../shared/channels/result-families.ts";

/** The vendor's own types say each code with its words: the oracle of this table. */
const types = readFileSync(
  createRequire(import.meta.url).resolve(
    "tencentcloud-sdk-nodejs/tencentcloud/services/faceid/v20180301/faceid_models.d.ts",
  ),
  "utf8",
).replaceAll("&quot;", '"');

/** What a field's comment lists, as `code: "words"`. */
function listed(type: string, field: string): (readonly [code: string, words: string])[] {
  const body = new RegExp(`export interface ${type} \\{([\\s\\S]*?)\\n\\}`).exec(types)?.[1] ?? "";
  const comment =
    body
      .slice(0, body.indexOf(`    ${field}?:`))
      .split("/**")
      .at(-1) ?? "";
  return [...comment.matchAll(/(-?\d+)\s*[:：]\s*"([^"]+)"/g)].map(([, code = "", words = ""]) => [
    code,
    words,
  ]);
}

const sections = {
  read: listed("IntentionVerifyData", "ErrorCode"),
  answer: listed("IntentionQuestionResult", "FinalResultDetailCode"),
  nod: listed("IntentionActionResult", "FinalResultDetailCode"),
};
const rows = Object.values(sections).flat();

/** What the vendor's words mean, without a look at any number. */
const reasonOf: readonly (readonly [RegExp, string])[] = [
  [/^成功$/, "passed"],
  [/比对相似度低/, "similarity_too_low"],
  [/人脸比对失败/, "comparison_failed"],
  [/人脸在框内|多张人脸|人脸检测|遮挡/, "photo_unusable"],
  [/未授权/, "not_authorised"],
  [/当前网络不稳定/, "network_unstable"],
  [/前端不兼容/, "device_unsupported"],
  [/重试次数/, "too_many_attempts"],
  [/中断|主动关闭|流程未完成|流程已结束/, "cancelled"],
  [/意愿核验不通过|未检测到|语音识别失败/, "intention_not_confirmed"],
  [/系统|服务|业务繁忙|文件存储|视频流|token校验|参数错误/, "provider_trouble"],
];

test("the vendor's types list the codes of all three ways", () => {
  expect(sections.read.length).toBeGreaterThan(25);
  expect(sections.answer).toHaveLength(21);
  expect(sections.nod).toHaveLength(20);
});

test("every published code of an intention is there, and no other", () => {
  const published = new Set(rows.map(([code]) => code));
  expect(Object.keys(intentionCodes).sort()).toEqual([...published].sort());
});

test.each(rows)("%s is said as the vendor says it: %s", (code, words) => {
  const expected = reasonOf.find(([pattern]) => pattern.test(words))?.[1];
  expect(expected, "words that this test does not know").toBeDefined();
  // FinalResultCode says -1 for whatever did not pass, so -1 cannot be the service's fault.
  expect(intentionCodes[code]?.reason).toBe(code === "-1" ? "intention_not_confirmed" : expected);
});

test("nothing but 0 confirms an intention", () => {
  const passing = Object.entries(intentionCodes).filter(([, meaning]) => meaning.class === "passed");
  expect(passing.map(([code]) => code)).toEqual(["0"]);
});

test("each is said in Chinese and in English with a stable reason", () => {
  for (const [code, { zh, en, reason }] of Object.entries(intentionCodes)) {
    expect(zh, code).toMatch(/\p{Script=Han}/u);
    expect(en, code).toMatch(/^[A-Z][ -~]+$/);
    expect(reason, code).toMatch(/^[a-z][a-z_]+$/);
  }
});

test.each(["-18", "-108", "-303", "1", "10000", "", "-0", "__proto__"])(
  "code %j was never published: not confirmed (THREAT 45)",
  (code) => expect(meaningOf("intention", code)).toMatchObject({ class: "retry", reason: "unknown_code" }),
);
