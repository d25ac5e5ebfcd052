/** `npm run doctor` on a whole stack, red line by line for each setting that is broken. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { stackForTests } from "../../support/stack.ts";
import { configurationOf, reportOf } from "./run.ts";

const stack = stackForTests();
const configured = (changes = {}) => configurationOf(stack, changes);

beforeAll(async () => {
  await (await stack.asUser("zhang")).ask("h5", {}); // something sealed, for MASTER_KEY to open
});

/** What is broken, which checks alone fail by it, and what the first of them says: why, and the fix. */
type Broken = readonly [what: string, changes: Record<string, string>, fails: string[], says: RegExp];

const key = "TENCENT_SECRET_ID and TENCENT_SECRET_KEY";
const app = "WECHAT_APP_ID and WECHAT_APP_SECRET";
const push = "WECHAT_PUSH_TOKEN, WECHAT_PUSH_AES_KEY and WECHAT_PUSH_MODE";
const store = "ARCHIVE_URL: write, read and delete";
const settingsOf = (...names: string[]) => names.map((name) => `settings of ${name}`);

const broken: readonly Broken[] = [
  [
    "a wrong SecretKey",
    { TENCENT_SECRET_KEY: "sim-other-key" },
    [key],
    /SignatureFailure[\s\S]*fix: Copy both halves of one key/,
  ],
  [
    "an unknown SecretId",
    { TENCENT_SECRET_ID: "sim-other-id" },
    [key],
    /SecretIdNotFound[\s\S]*fix: .*Access Management/,
  ],
  [
    "a RuleId of nobody",
    { FACEID_RULE_ID_H5: "sim-rule-of-nobody" },
    ["FACEID_RULE_ID_H5"],
    /RuleIdNotExist[\s\S]*fix: Copy it from the FaceID console/,
  ],
  [
    "a key that is none on the curve of SM2",
    { EID_PRIVATE_KEY: "f".repeat(64) },
    [...settingsOf("verification", "h5-landing", "reconcile", "archive"), "EID_PRIVATE_KEY"],
    /EID_PRIVATE_KEY is real, but SIMULATOR_URL is set[\s\S]*fix/,
  ],
  [
    "a wrong AppSecret",
    { WECHAT_APP_SECRET: "sim-other-secret" },
    [app],
    /40125[\s\S]*fix: Reset it in mp\.weixin\.qq\.com/,
  ],
  ["an unknown AppId", { WECHAT_APP_ID: "wxsim00000000000002" }, [app], /40013[\s\S]*fix: Copy it from/],
  [
    "an EncodingAESKey that is too short",
    { WECHAT_PUSH_AES_KEY: "simTooShort" },
    [...settingsOf("wechat-push"), push],
    /WECHAT_PUSH_AES_KEY must be 43 letters and digits[\s\S]*fix/,
  ],
  [
    "a secure push without its key",
    { WECHAT_PUSH_AES_KEY: "" },
    [...settingsOf("wechat-push"), push],
    /WECHAT_PUSH_AES_KEY is missing for WECHAT_PUSH_MODE=secure/,
  ],
  [
    "a push Token that is not the deployed one",
    { WECHAT_PUSH_TOKEN: "simothertoken" },
    ["wechat-push behind PUBLIC_URL"],
    /does not accept a signature[\s\S]*fix: Deploy wechat-push/,
  ],
  [
    "an AppId without its AppSecret",
    { WECHAT_APP_SECRET: "" },
    settingsOf("login", "token-wechat"),
    /WECHAT_APP_SECRET is missing[\s\S]*fix: Correct what is named here/,
  ],
  [
    "a public address by http",
    { PUBLIC_URL: "http://zhenren.example" },
    [...settingsOf("token-h5", "token-eid"), "PUBLIC_URL"],
    /PUBLIC_URL must be https/,
  ],
  [
    "a public address where nothing listens",
    { PUBLIC_URL: "http://127.0.0.1:1" },
    ["PUBLIC_URL"],
    /ECONNREFUSED|EBADPORT|cannot be reached/,
  ],
  [
    "an issuer and a receiver that are not there",
    {
      AUTH_JWKS_URL: "http://127.0.0.1:4999/keys",
      AUTH_AUDIENCE: "https://zr.example",
      WEBHOOK_URL: "http://127.0.0.1:4999/events",
      WEBHOOK_SECRET: `whsec_${"A".repeat(32)}`,
    },
    ["AUTH_JWKS_URL", "WEBHOOK_URL"],
    /ECONNREFUSED[\s\S]*fix: Check that it is running/,
  ],
  [
    "an origin with a path",
    { RETURN_URL_ORIGINS: "https://shop.example/done" },
    [...settingsOf("token-h5", "token-eid"), "RETURN_URL_ORIGINS"],
    /RETURN_URL_ORIGINS must be https origins/,
  ],
  [
    "a master key that is none",
    { MASTER_KEY: "one:two" },
    settingsOf(
      "token-mini-program",
      "token-h5",
      "token-eid",
      "token-wechat",
      "verification",
      "h5-landing",
    ).concat(settingsOf("wechat-push", "reconcile", "maintain", "archive")),
    /MASTER_KEY must be <id>:<base64 of 32 bytes>/,
  ],
  [
    "another master key than the one that sealed",
    { MASTER_KEY: `local-1:${Buffer.alloc(32, 9).toString("base64")}` },
    ["MASTER_KEY"],
    /sealed with another key[\s\S]*fix: Put the earlier key behind the new one/,
  ],
  [
    "a database that is not there",
    { DATABASE_URL: "postgres://someone:hush-hush@127.0.0.1:4999/zhenren" },
    ["DATABASE_URL"],
    /Nothing listens there \(ECONNREFUSED\)[\s\S]*fix: Start the database/,
  ],
  [
    "a kind of evidence store that does not exist",
    { ARCHIVE_URL: "ftp://archive.example/evidence" },
    [store],
    /ARCHIVE_URL must be[\s\S]*fix/,
  ],
];

describe("npm run doctor on a stack with a broken setting", () => {
  test.each(broken)("%s fails its own lines, with the fix, and no other", async (_, changes, fails, says) => {
    const report = await reportOf(configured(changes));
    expect(report.named("failed")).toEqual(fails);
    expect(report.line(fails[0] ?? "")).toMatch(says);
    expect(report.line(fails[0] ?? "")).toMatch(/fix: [A-Z].+\.$/);
  });

  test("settings of a channel that are all absent are not checked, and nothing fails by it", async () => {
    const report = await reportOf(
      configured({
        FACEID_RULE_ID_H5: "",
        EID_MERCHANT_ID: "",
        EID_PRIVATE_KEY: "",
        WECHAT_PUSH_TOKEN: "",
        WECHAT_PUSH_AES_KEY: "",
      }),
    );
    expect(report.named("failed")).toEqual([]);
    expect(report.named("not checked")).toEqual([
      ...settingsOf("token-h5", "token-eid", "wechat-push"),
      "FACEID_RULE_ID_H5",
      "EID_MERCHANT_ID",
      "EID_PRIVATE_KEY",
      push,
      "AUTH_JWKS_URL",
      "token-h5 behind PUBLIC_URL",
      "token-eid behind PUBLIC_URL",
      "wechat-push behind PUBLIC_URL",
    ]);
    expect(report.line("settings of token-h5")).toMatch(/FACEID_RULE_ID_H5 not set/);
  });

  test("a MerchantId of nobody is found out by issuing, and only then", async () => {
    const env = configured({ EID_MERCHANT_ID: "sim-merchant-of-nobody" });
    expect((await reportOf(env)).named("failed")).toEqual([]);
    const report = await reportOf(env, { issue: true });
    expect(report.named("failed")).toEqual(["EID_MERCHANT_ID"]);
    expect(report.line("EID_MERCHANT_ID")).toMatch(/RuleIdNotExist[\s\S]*fix: Copy it/);
  });

  test("an evidence store that cannot be written fails", async () => {
    const file = join(stack.localDir, "a-file");
    writeFileSync(file, "");
    const report = await reportOf(configured({ ARCHIVE_URL: `file:${join(file, "evidence")}` }));
    expect(report.named("failed")).toEqual([store]);
    expect(report.line(store)).toMatch(
      /does not write \(ENOTDIR\)[\s\S]*fix: Check that the bucket or folder/,
    );
  });

  test("real settings beside simulated ones are told apart before anything is called", async () => {
    const before = await stack.simulator.calls("stable_token");
    const report = await reportOf(
      configured({
        TENCENT_SECRET_ID: "AKIDrealrealreal",
        WECHAT_APP_SECRET: "0123456789abcdef0123456789abcdef",
      }),
    );
    expect(report.named("failed")).toEqual(
      settingsOf(
        "login",
        "token-mini-program",
        "token-h5",
        "token-eid",
        "token-wechat",
        "verification",
        "h5-landing",
        "wechat-push",
        "reconcile",
        "maintain",
        "archive",
      ),
    );
    expect(report.line(key)).toMatch(
      /not checked.*[\s\S]*TENCENT_SECRET_ID is real, but SIMULATOR_URL is set/,
    );
    expect(await stack.simulator.calls("stable_token")).toBe(before);
  });
});
