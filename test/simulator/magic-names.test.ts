/** Names that decide the outcome: what README promises, and what the simulated services do. */
import { describe, expect, test } from "vitest";
import { Clock } from "../../simulator/clock.ts";
import { Attempts } from "../../simulator/faceid/attempts.ts";
import { Flows } from "../../simulator/faceid/flows.ts";
import { MAGIC_NAMES } from "../../simulator/magic-names.ts";
import { OTHER_PERSON } from "../../simulator/people.ts";
import { WechatFlows } from "../../simulator/wechat/flows.ts";
import { LoginSession } from "../../simulator/wechat/login.ts";
import { chineseOf, readMarkdown, tableRows } from "../docs/markdown.ts";
import { temporaryFolder } from "./running.ts";

const HOUR_MS = 3_600_000;
const idCard = "11010119900307002X";
const folder = temporaryFolder();
const clock = new Clock(folder);
const flows = new Flows(folder, clock, { file: "faceid.jsonl", lifetimeMs: 2 * HOUR_MS });
const attempts = new Attempts(flows, clock, 10);

/** The codes that attempts with these outcomes end with, and who is said to have made the last. */
function faceid(name: string, ...outcomes: Parameters<Attempts["attempt"]>[1][]) {
  let flow = flows.issue({ issuedFor: "rule", source: "given", name, idCard });
  const made = outcomes.map((outcome) => {
    const result = attempts.attempt(flow, outcome);
    if (!result.ok) throw new Error(result.message);
    flow = result.flow;
    return result.attempt;
  });
  return { codes: made.map(({ code }) => code), person: made.at(-1)?.name };
}

function wechat(version: "v1" | "v2", name: string, ...outcomes: string[]): number[] {
  const known = new WechatFlows(folder, clock, version);
  const { token } = known.issue({ name, idCard, openid: "mei", outSeqNo: undefined });
  const unused = { send: () => undefined } as unknown as Parameters<WechatFlows["control"]>[1];
  const control = known.control(new LoginSession(), unused);
  for (const outcome of outcomes) control.complete({ token, outcome, push: false });
  return known.find(token)?.attempts.map(({ code }) => code) ?? [];
}

describe.each(MAGIC_NAMES)("a pass of $name", ({ name, faceid: expected, wechat: inWechat }) => {
  test("ends as the table says, on each attempt and in every channel", () => {
    const passes = expected.map(() => "passed" as const);
    const { codes, person } = faceid(name, ...passes);
    expect(codes).toEqual(expected.map((outcome) => (typeof outcome === "number" ? outcome : 0)));
    expect(person).toBe(expected.at(-1) === "other-person" ? OTHER_PERSON.name : name);
    const codeOf = (passed: number, other: number) => (outcome: string) =>
      outcome === "passed" ? passed : outcome === "other-person" ? other : Number(outcome);
    const asPasses = inWechat.map(() => "passed");
    expect(wechat("v1", name, ...asPasses)).toEqual(inWechat.map(codeOf(0, 0)));
    expect(wechat("v2", name, ...asPasses)).toEqual(inWechat.map(codeOf(10_000, 10_004)));
  });

  test("does not stand in the way of an outcome that is chosen", () => {
    expect(faceid(name, 1301).codes).toEqual([1301]);
    expect(wechat("v2", name, "10007")).toEqual([10_007]);
  });
});

test("everybody else passes", () => {
  expect(faceid("张三", "passed").codes).toEqual([0]);
  expect(wechat("v2", "张三", "passed")).toEqual([10_000]);
});

test.each(["README.md", chineseOf("README.md")])("%s has the table of the names", (file) => {
  const rows = tableRows(readMarkdown(file).prose).map((row) => row.slice(0, 3));
  const cell = (outcomes: readonly (string | number)[]) => outcomes.map((each) => `\`${each}\``).join(", ");
  for (const magic of MAGIC_NAMES) {
    expect(rows).toContainEqual([`\`${magic.name}\``, cell(magic.faceid), cell(magic.wechat)]);
  }
});
