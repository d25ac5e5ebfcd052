import { describe, expect, test } from "vitest";
import { canRetry, presentVerification } from "../../shared/verification/present.ts";
import { reasons } from "../../shared/verification/reasons.ts";
import { during, expiresAt } from "./observations.ts";
import { makeWorld } from "./world.ts";

const lastAttempt = { code: "liveness_failed", retryable: true, message: { zh: "请重试", en: "Try again" } };

type Retried = Parameters<typeof canRetry>[0];
const pending: Retried = { status: "pending", expiresAt, lastAttempt };

describe("another try on the same token", () => {
  test.each<[what: string, row: Partial<Retried>, now: Date, can: boolean]>([
    ["is offered after one that failed and may end better", {}, during, true],
    ["is offered to the last moment of the token", {}, new Date(expiresAt.getTime() - 1), true],
    ["is not offered at the token's end", {}, expiresAt, false],
    ["is not offered without a token", { expiresAt: null }, during, false],
    ["is not offered before there was a first one", { lastAttempt: null }, during, false],
    [
      "is not offered where it cannot end better",
      { lastAttempt: { ...lastAttempt, retryable: false } },
      during,
      false,
    ],
    ["is not offered once there is a result", { status: "failed" }, during, false],
  ])("%s", (_, row, now, can) => {
    expect(canRetry({ ...pending, ...row }, now)).toBe(can);
  });
});

test("what is next of a pending verification is another try where one can be made, and else to wait", async () => {
  const world = await makeWorld();
  const expiresAt = new Date(Date.now() + 60_000);
  const nextStepAfter = async (last: typeof lastAttempt | null) =>
    presentVerification(await world.pending(undefined, { lastAttempt: last, expiresAt })).nextStep;
  expect(await nextStepAfter(lastAttempt)).toBe("retry");
  expect(await nextStepAfter(null)).toBe("wait");
});

describe("a reason of ours", () => {
  test.each(Object.values(reasons))("$code is said in both languages", ({ code, message }) => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(message.zh).toMatch(/\p{Script=Han}/u);
    expect(message.en).toMatch(/^[A-Z].*[a-z]$/);
  });

  test.each([
    ["never_finished", "restart"],
    ["never_reported", "restart"],
    ["result_purged", "restart"],
    ["inconclusive", "restart"],
    ["gave_up", "restart"],
    ["erased", "none"],
    ["identity_mismatch", "none"],
  ])("%s leads on to %s", async (code, nextStep) => {
    const world = await makeWorld();
    const reason = Object.values(reasons).find((one) => one.code === code) ?? null;
    expect(presentVerification(await world.pending(undefined, { status: "failed", reason }))).toMatchObject({
      nextStep,
    });
  });
});
