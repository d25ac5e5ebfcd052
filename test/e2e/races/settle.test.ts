/** Any number of triggers, in any order, twice, at once: against the real database and a model in memory. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Observation } from "../../../shared/channels/types.ts";
import { decide } from "../../../shared/verification/decide.ts";
import { reconcile } from "../../../shared/verification/reconcile.ts";
import { settle } from "../../../shared/verification/settle.ts";
import {
  anyObservation,
  createdAt,
  during,
  expiresAt,
  failedWith,
  observed,
  verificationId,
  zhang,
} from "../../verification/observations.ts";
import { instances, makeWorld, setTime, type World } from "../../verification/world.ts";

/** The observation with our echo where it had the example's. */
const about = (observation: Observation, id: string): Observation => ({
  ...observation,
  echo: observation.echo === verificationId ? id : observation.echo,
});

interface Step {
  readonly observation: Observation;
  readonly minute: number;
  /** Settle with the row as it was at first, as a slow caller does. */
  readonly stale: boolean;
}
const steps = fc.array(
  fc.record({ observation: anyObservation, minute: fc.integer({ min: 0, max: 130 }), stale: fc.boolean() }),
  { minLength: 1, maxLength: 6 },
);

/** What must follow from a sequence, written down apart from the code: the first ending wins, each Seq counts once. */
function model(sequence: readonly Step[], id: string, about_: typeof about) {
  const known = new Set<string>();
  let status = "pending";
  for (const { observation, minute } of sequence) {
    if (status !== "pending") break;
    const now = new Date(createdAt.getTime() + minute * 60_000);
    const subject = { verificationId: id, owner: "user-1", identity: zhang, expiresAt };
    status = decide(subject, about_(observation, id), now).status;
    for (const { seq } of observation.attempts) known.add(seq);
  }
  return { status, attempts: known.size };
}

const endings = async (world: World, id: string) =>
  (await world.events()).filter(
    ({ type, data }) => /^verification\.(passed|failed|expired)$/.test(type) && data["verificationId"] === id,
  );

describe("settling in any order", () => {
  test("follows the model: the first ending stays, each Seq is counted once, the merchant hears of it once", async () => {
    const world = await makeWorld();
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const first = await world.pending(zhang);
        let ended: string | undefined;
        for (const { observation, minute, stale } of sequence) {
          setTime(new Date(createdAt.getTime() + minute * 60_000));
          world.channel.onObserve = () => about(observation, first.id);
          const { status } = await settle(
            world.settleDeps,
            stale ? first : await world.row(first.id),
            "finish",
          );
          if (ended) expect(status).toBe(ended);
          if (status !== "pending") ended = status;
        }
        const row = await world.row(first.id);
        const expected = model(sequence, first.id, about);
        expect({ status: row.status, attempts: row.attempts }).toEqual(expected);
        expect(await world.attempts(first.id)).toHaveLength(expected.attempts);
        expect((await endings(world, first.id)).map(({ type }) => type)).toEqual(
          row.status === "pending" ? [] : [`verification.${row.status}`],
        );
      }),
      { numRuns: 120 },
    );
  });
});

describe("settling at once", () => {
  test("twenty callers that see the same pass make one pass, one count and one event", async () => {
    setTime(during);
    const world = await makeWorld();
    const row = await world.pending(zhang);
    world.channel.onObserve = () => observed({ echo: row.id });
    const { all, close } = instances(world, 5);
    const settled = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        settle({ ...world.settleDeps, db: all[i % 5] ?? world.db }, row, "finish"),
      ),
    );
    await close();
    for (const each of settled) expect(each).toEqual(settled[0]);
    expect(settled[0]).toMatchObject({ status: "passed", attempts: 1 });
    expect((await world.events()).map(({ type }) => type)).toEqual(["verification.passed"]);
  });

  test("callers that are told different things agree on one ending", async () => {
    setTime(during);
    const world = await makeWorld();
    const { all, close } = instances(world, 5);
    for (let round = 0; round < 10; round += 1) {
      const row = await world.pending(zhang);
      let told = 0;
      world.channel.onObserve = () => {
        told += 1;
        return told % 2 ? observed({ echo: row.id }) : failedWith("16", { echo: row.id });
      };
      const settled = await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
          settle({ ...world.settleDeps, db: all[i % 5] ?? world.db }, row, "push"),
        ),
      );
      expect(new Set(settled.map(({ status }) => status)).size).toBe(1);
      expect(await endings(world, row.id)).toHaveLength(1);
      expect((await world.row(row.id)).attempts).toBe(1);
    }
    await close();
  });

  test("runs of reconcile share the work: each verification is asked about once", async () => {
    setTime(during);
    const world = await makeWorld();
    const rows = [];
    for (let i = 0; i < 40; i += 1) rows.push(await world.pending(zhang));
    world.channel.onObserve = ({ verificationId: id }) => observed({ echo: id });
    const { all, close } = instances(world, 4);
    const runs = await Promise.all(all.map((db) => reconcile({ ...world.settleDeps, db }, () => 100_000)));
    await close();
    expect(runs.reduce((sum, run) => sum + run.settled, 0)).toBe(40);
    expect(world.channel.asked.toSorted()).toEqual(rows.map(({ id }) => id).toSorted());
    expect(await world.events()).toHaveLength(40);
  });
});
