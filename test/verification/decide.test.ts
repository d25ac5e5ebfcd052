import { describe, expect, test } from "vitest";
import type { Observation, ObservedPerson } from "../../shared/channels/types.ts";
import { decide, decideWithoutProvider } from "../../shared/verification/decide.ts";
import {
  attempt,
  during,
  failedWith,
  grace,
  li,
  nothingYet,
  observed,
  over,
  subject,
} from "./observations.ts";

const named = (name: string, idCardNumber: string): ObservedPerson => ({ kind: "named", name, idCardNumber });
const statusOf = (observation: Observation, now = during) => decide(subject, observation, now).status;

describe("a pass", () => {
  test("needs the code, the checks, the echo and the person, and carries no reason", () => {
    expect(decide(subject, observed(), during)).toEqual({
      status: "passed",
      attempts: [attempt(1, "0", true)],
    });
  });

  test("stands however late it is read, because the provider gave it in time", () => {
    expect(statusOf(observed(), over)).toBe("passed");
  });

  test("stands when an earlier attempt on the same token failed", () => {
    const attempts = [attempt(2, "0", true), attempt(1, "2016", true)];
    expect(decide(subject, observed({ attempts }), during)).toEqual({
      status: "passed",
      attempts,
      failedAttempts: ["8d0a-1"],
    });
  });

  test("needs no echo, because some flows give none", () => {
    expect(statusOf(observed({ echo: null }))).toBe("passed");
  });

  test("of nobody in particular takes whoever the provider saw", () => {
    const { identity: _, ...anybody } = subject;
    for (const person of [named(li.name, li.idCardNumber), { kind: "unnamed" } as const]) {
      expect(decide(anybody, observed({ person }), during).status).toBe("passed");
    }
  });

  test("of nobody in particular says whether the provider named somebody, of a person asked for never", () => {
    const { identity: _, ...anybody } = subject;
    const sourceOf = (about: typeof anybody, over: Partial<Observation>) =>
      decide(about, observed(over), during).identitySource;
    expect(sourceOf(anybody, { person: named(li.name, li.idCardNumber) })).toBe("provider");
    expect(sourceOf(anybody, { person: { kind: "unnamed" } })).toBeUndefined();
    expect(sourceOf(anybody, { code: "2016", checks: {} })).toBeUndefined();
    expect(sourceOf(subject, {})).toBeUndefined();
  });
});

describe("what is not a pass", () => {
  test.each([
    ["no verdict yet: null is not 0", { code: null }],
    ["an empty code", { code: "" }],
    ["two zeros", { code: "00" }],
    ["a zero with a sign", { code: "-0" }],
    ["a zero with a space", { code: " 0" }],
    ["WeChat's own success", { code: "10000" }],
    ["a code that nobody published", { code: "66661001" }],
    ["a code that every object has", { code: "constructor" }],
    ["a code that names a prototype", { code: "__proto__" }],
    ["LiveStatus missing", { checks: { LiveStatus: null, Comparestatus: "0" } }],
    ["Comparestatus missing", { checks: { LiveStatus: "0", Comparestatus: null } }],
    ["LiveStatus failing", { checks: { LiveStatus: "1301", Comparestatus: "0" } }],
    ["Comparestatus failing", { checks: { LiveStatus: "0", Comparestatus: "2016" } }],
    ["a verdict that lies elsewhere", { checks: { LiveStatus: "0", Comparestatus: "0", Intention: null } }],
    ["nobody named where somebody was asked for", { person: { kind: "unnamed" } }],
  ] satisfies [string, Partial<Observation>][])(
    "%s stays open, and fails or expires in the end",
    (_, part) => {
      expect(statusOf(observed(part))).toBe("pending");
      expect(statusOf(observed(part), grace)).toBe("pending");
      expect(["failed", "expired"]).toContain(statusOf(observed(part), over));
    },
  );

  test("checks that disagree are an anomaly, and inconclusive once the time is over", () => {
    const torn = observed({ checks: { LiveStatus: "0", Comparestatus: "2016" } });
    expect(decide(subject, torn, during)).toMatchObject({ status: "pending", anomaly: "checks_disagree" });
    expect(decide(subject, torn, over)).toMatchObject({
      status: "failed",
      reason: { code: "inconclusive", retryable: true },
    });
  });

  test("an unknown code is kept as the provider wrote it and named an anomaly", () => {
    expect(decide(subject, failedWith("31415"), during)).toMatchObject({
      status: "pending",
      anomaly: "unknown_code",
      lastAttempt: { code: "unknown_code", providerCode: "31415" },
    });
  });
});

describe("a failed attempt", () => {
  test.each(["1301", "2006", "2016", "2018", "1001", "203"])(
    "with %s leaves the token open until it is over",
    (code) => {
      const lastAttempt = expect.objectContaining({ providerCode: code });
      expect(decide(subject, failedWith(code), grace)).toMatchObject({ status: "pending", lastAttempt });
      expect(decide(subject, failedWith(code), over)).toMatchObject({
        status: "failed",
        reason: lastAttempt,
      });
    },
  );

  test("is told by the newest of them, in whatever order they come", () => {
    const attempts = [attempt(3, "2016", true), attempt(1, "1301"), attempt(2, "1302")];
    expect(decide(subject, failedWith("2016", { attempts }), during).lastAttempt?.providerCode).toBe("2016");
    expect(
      decide(subject, failedWith("2016", { attempts: attempts.toReversed() }), during).lastAttempt,
    ).toEqual(decide(subject, failedWith("2016", { attempts }), during).lastAttempt);
  });

  test("is told by the verdict when no attempt is on record", () => {
    expect(decide(subject, failedWith("1302", { attempts: [] }), during).lastAttempt?.providerCode).toBe(
      "1302",
    );
  });

  test("is told by a verdict that is final, also when no attempt is on record", () => {
    expect(decide(subject, failedWith("16", { attempts: [] }), during).lastAttempt?.providerCode).toBe("16");
  });

  test("of two at the same moment is the one listed last", () => {
    const attempts = [attempt(1, "1301"), { ...attempt(2, "1302"), at: attempt(1, null).at }];
    expect(decide(subject, { ...nothingYet, attempts }, during).lastAttempt?.providerCode).toBe("1302");
  });

  test("is none that the provider says is not finished", () => {
    const decision = decide(subject, { ...nothingYet, attempts: [attempt(1, "17")] }, during);
    expect([decision.lastAttempt, decision.failedAttempts]).toEqual([undefined, undefined]);
  });

  test("counts even while the verdict itself is missing", () => {
    const under = { ...nothingYet, attempts: [attempt(1, "1301")] };
    expect(decide(subject, under, during)).toMatchObject({
      status: "pending",
      lastAttempt: { providerCode: "1301" },
    });
    expect(decide(subject, under, over)).toMatchObject({
      status: "failed",
      reason: { providerCode: "1301" },
    });
  });

  test("is not forgotten because a newer one never got a result", () => {
    const under = { ...nothingYet, attempts: [attempt(1, "1301"), attempt(2, null)] };
    expect(decide(subject, under, over)).toMatchObject({
      status: "failed",
      reason: { providerCode: "1301" },
    });
  });
});

describe("the end of a token", () => {
  test.each(["14", "16"])("code %s is final at once", (code) => {
    expect(decide(subject, failedWith(code), during)).toMatchObject({
      status: "failed",
      reason: { providerCode: code },
    });
  });

  test("code 15 is expired where nobody tried, and failed where somebody did", () => {
    expect(decide(subject, failedWith("15", { attempts: [] }), during)).toMatchObject({
      status: "expired",
      reason: { code: "never_finished" },
    });
    expect(decide(subject, failedWith("15", { attempts: [attempt(1, "2016", true)] }), during)).toMatchObject(
      {
        status: "failed",
        reason: { code: "similarity_too_low" },
      },
    );
  });

  test("one never opened is pending through its grace, then expired", () => {
    expect(statusOf(nothingYet, grace)).toBe("pending");
    expect(decide(subject, nothingYet, over)).toMatchObject({
      status: "expired",
      reason: { code: "never_finished" },
    });
    expect(statusOf(failedWith("17", { attempts: [] }), over)).toBe("expired");
  });

  test("one purged unread is expired and says so; with a failed attempt on record it is failed", () => {
    const untold = { lastAttempt: null, unfinishedAt: null, expiresAt: subject.expiresAt };
    expect(decideWithoutProvider(untold)).toMatchObject({
      status: "expired",
      reason: { code: "result_purged" },
    });
    const last = decide(subject, failedWith("2016"), during).lastAttempt ?? null;
    expect(decideWithoutProvider({ ...untold, lastAttempt: last })).toMatchObject({
      status: "failed",
      reason: { providerCode: "2016" },
    });
  });

  test("one of which the provider said in its last minutes that nobody had finished was never finished", () => {
    const saidAt = (secondsBefore: number) => ({
      lastAttempt: null,
      unfinishedAt: new Date(subject.expiresAt.getTime() - secondsBefore * 1_000),
      expiresAt: subject.expiresAt,
    });
    for (const seconds of [0, 60, 300]) {
      expect(decideWithoutProvider(saidAt(seconds)).reason).toMatchObject({ code: "never_finished" });
    }
    expect(decideWithoutProvider(saidAt(301)).reason).toMatchObject({ code: "result_purged" });
  });
});
