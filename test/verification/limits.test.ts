import { describe, expect, test } from "vitest";
import { ProviderError } from "../../shared/providers/provider-error.ts";
import { abandonDraft, recordDraft } from "../../shared/store/creation.ts";
import { creationCount, idempotencyKey, verification } from "../../shared/store/schema.ts";
import { start } from "../../shared/verification/start.ts";
import { during, zhang } from "./observations.ts";
import { makeWorld, setTime, type World } from "./world.ts";

const day = 86_400;
const keyed = () => ({
  caller: "user:user-1",
  owner: "user-1",
  limitOwner: true,
  identity: zhang,
  idempotencyKey: "key-1",
});

/** How many rows each table of creation holds. */
const kept = async ({ db }: World) => ({
  rows: await db.$count(verification),
  keys: await db.$count(idempotencyKey),
  counted: (await db.select().from(creationCount)).map(({ count }) => count),
});

describe("a request that the provider refuses", () => {
  test("leaves no row and no key, but counts: who makes many is stopped before the provider is asked", async () => {
    const world = await makeWorld();
    const limits = {
      limitPerOwner: [{ count: 3, seconds: day }],
      limitPerPerson: [{ count: 3, seconds: day }],
    };
    const deps = { ...world.startDeps, ...limits };
    world.channel.onIssue = () => Promise.reject(new ProviderError("rejected", "DetectAuth"));
    for (let i = 1; i <= 3; i += 1) {
      await expect(start(deps, keyed())).rejects.toMatchObject({ kind: "rejected" });
      expect(await kept(world)).toEqual({ rows: 0, keys: 0, counted: [i, i] });
    }
    for (let i = 0; i < 20; i += 1) {
      await expect(start(deps, keyed())).rejects.toMatchObject({ code: "rate_limited" });
    }
    expect(world.channel.issued).toHaveLength(3);
    expect(await kept(world)).toEqual({ rows: 0, keys: 0, counted: [3, 3] });
  });
});

describe("an intent that is undone twice", () => {
  test("gives its counts back once", async () => {
    setTime(during);
    const world = await makeWorld();
    const limits = [{ subject: "owner:u", count: 9, seconds: day }];
    const draftOf = (id: string) => ({
      ...{ id, channel: "h5", owner: "u", reference: null, stateHash: null, returnUrl: null },
      identitySource: "none" as const,
      ...{ dataKey: null, identity: null, personHash: null, personKeyId: null, createdAt: during },
    });
    const [one, two] = ["ver_1", "ver_2"].map(draftOf);
    if (!one || !two) throw new Error("no drafts");
    for (const draft of [one, two]) await recordDraft(world.db, draft, limits, undefined);
    for (let times = 0; times < 3; times += 1) await abandonDraft(world.db, one, limits);
    expect(await kept(world)).toEqual({ rows: 1, keys: 0, counted: [1] });
  });
});
