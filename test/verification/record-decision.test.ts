import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { claimResultToken, listResultTokens } from "../../shared/store/result-tokens.ts";
import { verification } from "../../shared/store/schema.ts";
import { readForDecision } from "../../shared/store/settlement.ts";
import { recordDecision } from "../../shared/verification/record-decision.ts";
import { during } from "./observations.ts";
import { keyring, makeWorld, setTime } from "./world.ts";

describe("a result token that turns out to be another's", () => {
  test.each([
    ["pending", "pending", []],
    ["pending", "passed", []],
    ["pending", "failed", []],
    ["failed", "passed", []],
    ["expired", "passed", []],
    // What a pass was granted by stays its own, whatever is said afterwards.
    ["passed", "passed", ["r1"]],
    ["passed", "failed", ["r1"]],
  ] as const)("of a %s verification that is judged %s leaves it with %j", async (before, status, left) => {
    setTime(during);
    const world = await makeWorld();
    const row = await world.pending(undefined, { channel: "wechat" });
    await claimResultToken(world.db, keyring, row, "r1", during);
    await world.db.update(verification).set({ status: before }).where(eq(verification.id, row.id));
    const reading = await readForDecision(world.db, row.id);
    if (!reading) throw new Error("no row");
    const decision = { status, attempts: [], foreignResultTokens: ["r1"] };
    await recordDecision({ db: world.db, keyring }, reading, decision, {
      trigger: "finish",
      keepsEvidence: false,
    });
    expect(await listResultTokens(world.db, keyring, row.id)).toEqual(left);
  });
});
