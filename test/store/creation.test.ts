import { v7 as uuidv7 } from "uuid";
import { describe, expect, test } from "vitest";
import { abandonDraft, type Draft, recordDraft, recordToken } from "../../shared/store/creation.ts";
import { creationCount, idempotencyKey } from "../../shared/store/schema.ts";
import { addDue, makeWorld, type World } from "../archive/world.ts";

const start = new Date(Date.UTC(2027, 0, 10)).getTime();
const at = (seconds: number) => new Date(start + seconds * 1000);
const minute = (subject: string, count = 5) => ({ subject, count, seconds: 60 });
const claim = (key: string, caller = "shop") => ({ caller, key, requestHash: Buffer.alloc(32, 1) });

const draftAt = (seconds: number): Draft => ({
  id: `ver_${uuidv7()}`,
  channel: "h5",
  owner: "user-1",
  reference: null,
  stateHash: null,
  returnUrl: null,
  identity: null,
  identitySource: "none",
  personHash: null,
  personKeyId: null,
  dataKey: null,
  createdAt: at(seconds),
});

const facts = {
  issued: Buffer.from("sealed"),
  createdAt: at(1),
  expiresAt: at(7_200),
  purgeAt: at(259_200),
  checkAt: at(60),
  archiveAt: at(7_560),
};
const counts = async (world: World) =>
  (await world.db.select().from(creationCount))
    .map(({ subject, windowStart, count }) => [subject, (windowStart.getTime() - start) / 1000, count])
    .sort();
const keys = async (world: World) =>
  (await world.db.select().from(idempotencyKey)).map(({ key }) => key).sort();

describe("an intent that is undone", () => {
  test("takes its row, its key and its place in its own window with it, and nobody else's", async () => {
    const world = await makeWorld();
    const [one, two, later] = [draftAt(0), draftAt(1), draftAt(61)];
    const limits = [minute("owner:a"), minute("person:p")];
    expect(await recordDraft(world.db, one, limits, claim("k1"))).toEqual({ kind: "recorded" });
    await recordDraft(world.db, two, [minute("owner:a"), minute("owner:b")], claim("k2"));
    await recordDraft(world.db, later, limits, claim("k3"));

    await abandonDraft(world.db, one, limits);
    await expect(world.row(one.id)).rejects.toThrow("no row");
    expect((await world.row(two.id)).createdAt).toEqual(two.createdAt);
    expect(await keys(world)).toEqual(["k2", "k3"]);
    expect(await counts(world)).toEqual([
      ["owner:a", 0, 1],
      ["owner:a", 60, 1],
      ["owner:b", 0, 1],
      ["person:p", 0, 0],
      ["person:p", 60, 1],
    ]);
  });

  test("gives its place back once, however often it is undone", async () => {
    const world = await makeWorld();
    const [one, two] = [draftAt(0), draftAt(1)];
    for (const draft of [one, two]) await recordDraft(world.db, draft, [minute("owner:a")], undefined);
    await abandonDraft(world.db, one, [minute("owner:a")]);
    await abandonDraft(world.db, one, [minute("owner:a")]);
    expect(await counts(world)).toEqual([["owner:a", 0, 1]]);
  });

  test("stays when its token has come after all", async () => {
    const world = await makeWorld();
    const draft = draftAt(0);
    await recordDraft(world.db, draft, [minute("owner:a")], claim("k1"));
    expect(await recordToken(world.db, draft.id, facts)).toMatchObject({ id: draft.id, ...facts });
    await abandonDraft(world.db, draft, [minute("owner:a")]);
    expect(await world.row(draft.id)).toMatchObject(facts);
    expect(await keys(world)).toEqual(["k1"]);
    expect(await counts(world)).toEqual([["owner:a", 0, 1]]);
  });
});

describe("a limit", () => {
  test("that is set twice for one window holds as the lower one, and counts a creation once", async () => {
    const world = await makeWorld();
    const limits = [minute("owner:a", 3), minute("owner:a", 2)];
    for (const second of [0, 1]) {
      expect(await recordDraft(world.db, draftAt(second), limits, undefined)).toEqual({ kind: "recorded" });
    }
    expect(await counts(world)).toEqual([["owner:a", 0, 2]]);
    expect(await recordDraft(world.db, draftAt(2), limits, undefined)).toMatchObject({ kind: "limited" });
  });

  test("lets so many through in a window, tells when it ends, and writes nothing for who is refused", async () => {
    const world = await makeWorld();
    const limits = [minute("owner:a", 9), minute("person:p", 2)];
    for (const second of [0, 59]) {
      expect(await recordDraft(world.db, draftAt(second), limits, undefined)).toEqual({ kind: "recorded" });
    }
    const refused = draftAt(59.5);
    expect(await recordDraft(world.db, refused, limits, claim("k1"))).toEqual({
      kind: "limited",
      retryAfterSeconds: 1,
    });
    expect(await recordDraft(world.db, draftAt(20), limits, undefined)).toEqual({
      kind: "limited",
      retryAfterSeconds: 40,
    });
    await expect(world.row(refused.id)).rejects.toThrow("no row");
    expect(await keys(world)).toEqual([]);
    expect(await counts(world)).toEqual([
      ["owner:a", 0, 2],
      ["person:p", 0, 2],
    ]);
    expect(await recordDraft(world.db, draftAt(60), limits, undefined)).toEqual({ kind: "recorded" });
  });
});

describe("an idempotency key", () => {
  test("names the verification of its first use, and whether the request is the same, until its day is over", async () => {
    const world = await makeWorld();
    const first = draftAt(0);
    await recordDraft(world.db, first, [], claim("k1"));
    const again = (seconds: number, of = claim("k1")) => recordDraft(world.db, draftAt(seconds), [], of);
    const used = { kind: "key-used", verificationId: first.id, row: await world.row(first.id) };
    expect(await again(86_399)).toEqual({ ...used, sameRequest: true });
    expect(await again(1, { ...claim("k1"), requestHash: Buffer.alloc(32, 2) })).toEqual({
      ...used,
      sameRequest: false,
    });
    expect(await again(1, claim("k1", "other"))).toEqual({ kind: "recorded" });
    expect(await again(1, claim("k2"))).toEqual({ kind: "recorded" });
    expect(await again(86_400)).toEqual({ kind: "recorded" });
  });
});

test("a token is written once, and into its own row only", async () => {
  const world = await makeWorld();
  const [one, two] = [draftAt(0), draftAt(0)];
  for (const draft of [one, two]) await recordDraft(world.db, draft, [], undefined);
  await addDue(world.db);
  await recordToken(world.db, one.id, facts);
  expect(await recordToken(world.db, one.id, { ...facts, issued: Buffer.from("another") })).toBeUndefined();
  expect((await world.row(one.id)).issued).toEqual(facts.issued);
  expect((await world.row(two.id)).issued).toBeNull();
  expect(await recordToken(world.db, "ver_gone", facts)).toBeUndefined();
});
