import { expect, test } from "vitest";
import { runningSimulator } from "../running.ts";
import { call, sdkClient } from "./client.ts";

const { port, origin } = await runningSimulator();
const person = { IdCard: "110101199003070011", Name: "测试甲" };
const answer = async (parameters: unknown) => (await call(port, "DetectAuth", parameters)).code;

test("the vendor's client gets a BizToken and an address that can be opened", async () => {
  const { BizToken, Url } = await sdkClient(port).DetectAuth({ RuleId: "sim-rule-h5", ...person });
  expect(Url).toBe(`${origin}/h5?token=${BizToken}`);
  expect((await fetch(Url ?? "")).status).toBe(200);
});

test.each([
  ["an unknown RuleId", { RuleId: "1" }, "InvalidParameterValue.RuleIdNotExist"],
  ["no RuleId", {}, "MissingParameter"],
  ["an empty RuleId", { RuleId: "" }, "MissingParameter"],
  ["a RuleId that is a number", { RuleId: 1 }, "InvalidParameter"],
  ["an unknown field", { RuleId: "sim-rule-h5", Nmae: "测试甲" }, "UnknownParameter"],
  ["an unknown field inside Config", { RuleId: "sim-rule-h5", Config: { Fast: true } }, "UnknownParameter"],
  ["a lower-case x", { RuleId: "sim-rule-h5", ...person, IdCard: "11010119900307002x" }, "InvalidParameter"],
  ["a name without an ID number", { RuleId: "sim-rule-h5", Name: "测试甲" }, "InvalidParameter"],
  [
    "a name of 33 characters",
    { RuleId: "sim-rule-h5", ...person, Name: "甲".repeat(33) },
    "InvalidParameter",
  ],
  ["a RedirectUrl of 1,025", { RuleId: "sim-rule-h5", RedirectUrl: "x".repeat(1025) }, "InvalidParameter"],
  ["an Extra of 1,025", { RuleId: "sim-rule-h5", Extra: "x".repeat(1025) }, "InvalidParameter"],
  [
    "encrypted fields",
    { RuleId: "sim-rule-h5", Encryption: { Algorithm: "SM4-GCM" } },
    "UnsupportedOperation",
  ],
  ["a list for a body", [], "InvalidParameter"],
  ["a body that is not JSON", "{", "InvalidParameter"],
])("%s is rejected", async (_, parameters, code) => {
  expect(await answer(parameters)).toBe(code);
});

test("the longest RedirectUrl and Extra are taken", async () => {
  const longest = { RuleId: "sim-rule-h5", RedirectUrl: "x".repeat(1024), Extra: "x".repeat(1024) };
  expect(await answer(longest)).toBeUndefined();
});

test("an upper-case X is taken", async () => {
  expect(
    await answer({ RuleId: "sim-rule-mini-program", ...person, IdCard: "11010119900307002X" }),
  ).toBeUndefined();
});
