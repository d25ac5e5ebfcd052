/** Values that mean something to SQL, to JavaScript objects or to PostgreSQL itself are only values (THREATS 2, 62, 63). */
import { describe, expect, test } from "vitest";
import { databaseError } from "../../shared/store/database.ts";
import { verification } from "../../shared/store/schema.ts";
import { claimObservation } from "../../shared/store/settlement.ts";
import { findVerification } from "../../shared/store/verifications.ts";
import { hashState } from "../../shared/verification/landing-state.ts";
import { start } from "../../shared/verification/start.ts";
import { zhang } from "../verification/observations.ts";
import { makeWorld } from "../verification/world.ts";

const hostile = [
  "' or '1'='1",
  "x'; drop table verification; --",
  "$1",
  "%",
  "_",
  "__proto__",
  "constructor",
  "{}",
  "null",
  "\\x00",
  "张三'\"\\",
  "a".repeat(256),
];

describe("hostile values", () => {
  test("come back as they were given, and change no other row", async () => {
    const world = await makeWorld();
    for (const text of hostile) {
      const asked = {
        caller: `user:${text}`,
        owner: text,
        limitOwner: true,
        identity: { ...zhang, name: text },
      };
      const deps = { ...world.startDeps, limitPerOwner: [{ count: 1, seconds: 86_400 }] };
      const { row } = await start(deps, { ...asked, reference: text, idempotencyKey: text });
      expect(await world.row(row.id)).toMatchObject({ owner: text, reference: text });
      expect((await start(deps, { ...asked, reference: text, idempotencyKey: text })).row.id).toBe(row.id);
      await expect(start(deps, asked)).rejects.toMatchObject({ code: "rate_limited" });
    }
    expect(await world.db.$count(verification)).toBe(hostile.length);
  });

  test("find nothing where an id or a state is wanted", async () => {
    const world = await makeWorld();
    const row = await world.pending(zhang, { stateHash: hashState("the-state") });
    for (const text of [
      ...hostile,
      "",
      "\u0000",
      `${row.id}\u0000`,
      `${row.id}' --`,
      row.id.toUpperCase(),
      ` ${row.id}`,
      "ver_%",
    ]) {
      expect(await findVerification(world.db, text)).toBeUndefined();
      expect(await claimObservation(world.db, { id: text }, 0)).toBeUndefined();
      expect(await claimObservation(world.db, { stateHash: hashState(text) }, 0)).toBeUndefined();
    }
    expect((await findVerification(world.db, row.id))?.id).toBe(row.id);
    const stateHash = hashState("the-state");
    expect((await claimObservation(world.db, { stateHash }, 0))?.row.id).toBe(row.id);
  });

  test("in a query that fails are not in the error that goes on", async () => {
    const world = await makeWorld();
    const row = await world.pending(zhang);
    const again = world.db.insert(verification).values({ ...row, reference: "TOKEN-SECRET" });
    const error = databaseError(await again.catch((thrown: unknown) => thrown));
    expect(error).toMatchObject({ code: "23505" });
    expect(String(error)).not.toContain("TOKEN-SECRET");
  });
});
