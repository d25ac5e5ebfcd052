import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { ProviderError } from "../../shared/providers/provider-error.ts";
import { connect } from "../../shared/store/database.ts";
import { creationCount, idempotencyKey, verification } from "../../shared/store/schema.ts";
import { sweeps } from "../../shared/store/sweeps.ts";
import { hashState } from "../../shared/verification/landing-state.ts";
import { type StartRequest, start } from "../../shared/verification/start.ts";
import { during, li, zhang } from "./observations.ts";
import { makeWorld, setTime, tokenOf, toldChannel, type World } from "./world.ts";

const asked: StartRequest = { caller: "user:user-1", owner: "user-1", limitOwner: true, identity: zhang };
const keyed = (over: Partial<StartRequest> = {}): StartRequest => ({
  ...asked,
  idempotencyKey: "key-1",
  ...over,
});
const day = 86_400;

/** How many rows each table of creation holds. */
const kept = async ({ db }: World) => ({
  rows: await db.$count(verification),
  keys: await db.$count(idempotencyKey),
  counted: (await db.select().from(creationCount)).map(({ count }) => count),
});

describe("starting", () => {
  test("records the intent before it buys the token, and the token before it answers", async () => {
    setTime(during);
    const world = await makeWorld();
    world.channel.onIssue = async ({ verificationId, identity, owner }) => {
      expect(await world.row(verificationId)).toMatchObject({
        status: "pending",
        issued: null,
        checkAt: null,
      });
      expect([identity, owner]).toEqual([zhang, "user-1"]);
    };
    const { row, start: begin } = await start(world.startDeps, { ...asked, reference: "order-7" });
    expect(begin).toEqual({ bizToken: tokenOf(row.id) });
    expect(row.id).toMatch(/^ver_[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(row).toEqual(await world.row(row.id));
    expect(row).toMatchObject({
      channel: "mini-program",
      owner: "user-1",
      reference: "order-7",
      status: "pending",
      createdAt: during,
      expiresAt: new Date(during.getTime() + 7_200_000),
      purgeAt: new Date(during.getTime() + 259_200_000),
      checkAt: during,
      personKeyId: "test-1",
    });
    const { identity: _, ...nobody } = asked;
    world.channel.onIssue = () => {};
    const { row: unnamed } = await start(world.startDeps, nobody);
    expect(unnamed).toMatchObject({ personHash: null, personKeyId: null });
  });

  test("gives a channel that redirects a landing address with a state that only the address holds", async () => {
    const world = await makeWorld();
    const channel = toldChannel("h5");
    const states: string[] = [];
    const landingUrl = (state: string) => {
      states.push(state);
      return `https://zr.example/h5/landing/${state}`;
    };
    const deps = { ...world.startDeps, channel, landing: { url: landingUrl, always: true } };
    const one = await start(deps, asked);
    await start(deps, asked);
    const [first = "", second = ""] = states;
    expect(channel.issued.map((request) => request.landingUrl)).toEqual(
      states.map((s) => `https://zr.example/h5/landing/${s}`),
    );
    expect(first).toMatch(/^[\w-]{32}$/);
    expect(first).not.toBe(second);
    expect(one.row.stateHash).toEqual(hashState(first));
    expect(JSON.stringify(await world.row(one.row.id))).not.toContain(first);
  });

  test("gives one that redirects only for a returnUrl no landing address without it", async () => {
    const world = await makeWorld();
    const channel = toldChannel("h5");
    const url = (state: string) => `https://zr.example/h5/landing/${state}`;
    const deps = { ...world.startDeps, channel, landing: { url, always: false } };
    await start(deps, asked);
    await start(deps, { ...asked, returnUrl: "https://shop.example/" });
    const [without, withOne] = channel.issued;
    expect([without?.landingUrl, withOne?.landingUrl]).toEqual([
      undefined,
      expect.stringContaining("/h5/landing/"),
    ]);
  });

  test("leaves nothing personal in any column in the clear (THREAT 58)", async () => {
    const world = await makeWorld();
    const limits = {
      limitPerOwner: [{ count: 5, seconds: day }],
      limitPerPerson: [{ count: 5, seconds: day }],
    };
    const { row } = await start({ ...world.startDeps, ...limits }, keyed());
    let dump = "";
    for (const table of ["verification", "idempotency_key", "creation_count", "attempt", "outbound_event"]) {
      const { rows } = await world.db.execute<{ line: string }>(
        sql`select row_to_json(t)::text as line from ${sql.identifier(table)} t`,
      );
      dump += rows.map(({ line }) => line).join("\n");
    }
    expect(dump).toContain(row.id);
    for (const secret of [zhang.name, zhang.idCardNumber, tokenOf(row.id), "TOKEN-SECRET", "sim-rule"]) {
      for (const form of ["utf8", "hex", "base64", "base64url"] as const) {
        const written = Buffer.from(secret).toString(form).replace(/=+$/, "");
        expect(dump.toLowerCase(), `${secret} as ${form}`).not.toContain(written.toLowerCase());
      }
    }
  });
});

describe("a provider that gives no token", () => {
  test.each(["unavailable", "rate-limited", "malformed", "configuration"] as const)(
    "%s undoes row, key and counts: trying again is free",
    async (kind) => {
      const world = await makeWorld();
      const limits = {
        limitPerOwner: [{ count: 1, seconds: day }],
        limitPerPerson: [{ count: 1, seconds: day }],
      };
      const deps = { ...world.startDeps, ...limits };
      world.channel.onIssue = () => Promise.reject(new ProviderError(kind, "DetectAuth"));
      for (let i = 0; i < 3; i += 1) {
        await expect(start(deps, keyed())).rejects.toMatchObject({ kind });
        expect(await kept(world)).toEqual({ rows: 0, keys: 0, counted: [0, 0] });
      }
      world.channel.onIssue = () => {};
      const { row } = await start(deps, keyed());
      expect(await kept(world)).toEqual({ rows: 1, keys: 1, counted: [1, 1] });
      expect((await start(deps, keyed())).row.id).toBe(row.id);
    },
  );
});

describe("the purge deadline", () => {
  test("is counted from before the provider was asked, however long it takes to answer", async () => {
    setTime(during);
    const world = await makeWorld();
    const answeredAt = new Date(during.getTime() + 9_000);
    world.channel.onIssue = () => setTime(answeredAt);
    const { row } = await start(world.startDeps, asked);
    expect(row).toMatchObject({
      createdAt: during,
      purgeAt: new Date(during.getTime() + 259_200_000),
      expiresAt: new Date(answeredAt.getTime() + 7_200_000),
    });
  });
});

describe("a database that goes away", () => {
  test("before the intent: no token is bought", async () => {
    const world = await makeWorld();
    const { db, close } = connect("postgresql://nobody@127.0.0.1:4599/none");
    await expect(start({ ...world.startDeps, db }, asked)).rejects.toThrow("ECONNREFUSED");
    await close();
    expect(world.channel.issued).toEqual([]);
  });

  test("between token and record: the caller hears of it, and the sweep takes the draft and frees the key", async () => {
    setTime(during);
    const world = await makeWorld();
    const lost = connect(world.databaseUrl);
    world.channel.onIssue = () => lost.close();
    await expect(start({ ...world.startDeps, db: lost.db }, keyed())).rejects.toThrow();
    expect(await kept(world)).toMatchObject({ rows: 1, keys: 1 });
    world.channel.onIssue = () => {};
    setTime(new Date(during.getTime() + 600_001));
    expect(await sweeps.drafts(world.db, new Date(), () => true)).toBe(1);
    expect(await kept(world)).toMatchObject({ rows: 0, keys: 0 });
    await start(world.startDeps, keyed());
  });

  test("while an intent is undone: the caller hears of the provider, and the sweep takes the rest", async () => {
    const world = await makeWorld();
    const lost = connect(world.databaseUrl);
    world.channel.onIssue = async () => {
      await lost.close();
      throw new ProviderError("unavailable", "DetectAuth");
    };
    await expect(start({ ...world.startDeps, db: lost.db }, asked)).rejects.toMatchObject({
      kind: "unavailable",
    });
    expect(await kept(world)).toMatchObject({ rows: 1 });
  });

  test("a token that comes after the sweep is not handed out without a record", async () => {
    const world = await makeWorld();
    world.channel.onIssue = async () => void (await world.db.delete(verification));
    await expect(start(world.startDeps, asked)).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("the same Idempotency-Key", () => {
  test("gives the same verification and the same start again, and buys one token", async () => {
    const world = await makeWorld();
    const first = await start(world.startDeps, keyed({ reference: "order-7" }));
    expect(await start(world.startDeps, keyed({ reference: "order-7" }))).toEqual(first);
    expect(world.channel.issued).toHaveLength(1);
  });

  const { identity: _, ...nobody } = keyed();
  test.each<[string, StartRequest]>([
    ["another person", keyed({ identity: li })],
    ["another name to the number", keyed({ identity: { ...zhang, name: li.name } })],
    ["another number to the name", keyed({ identity: { ...zhang, idCardNumber: li.idCardNumber } })],
    ["no person", nobody],
    ["the same person's name in another form", keyed({ identity: { ...zhang, name: "张三 " } })],
    ["another owner", keyed({ owner: "user-2" })],
    ["a reference", keyed({ reference: "order-8" })],
    ["a returnUrl", keyed({ returnUrl: "https://shop.example/" })],
  ])("with %s is a mismatch and changes nothing (THREAT 71)", async (_name, other) => {
    const world = await makeWorld();
    const first = await start(world.startDeps, keyed());
    await expect(start(world.startDeps, other)).rejects.toMatchObject({ code: "idempotency_mismatch" });
    expect(world.channel.issued).toHaveLength(1);
    expect((await start(world.startDeps, keyed())).row).toEqual(first.row);
  });

  test("is still known to the next version: what a request is compared by stays as it was", async () => {
    const world = await makeWorld();
    await start(world.startDeps, keyed({ reference: "order-7" }));
    const [row] = await world.db.select().from(idempotencyKey);
    expect(row?.requestHash.toString("hex")).toBe(
      "aaea4274ad682e62e928c4e0abe7ee2590ee08bb9fbdd184bc91536372249c4c",
    );
  });

  test("through another channel is a mismatch", async () => {
    const world = await makeWorld();
    await start(world.startDeps, keyed());
    const deps = { ...world.startDeps, channel: toldChannel("h5") };
    await expect(start(deps, keyed())).rejects.toMatchObject({ code: "idempotency_mismatch" });
  });

  test("of another caller is another key", async () => {
    const world = await makeWorld();
    const one = await start(world.startDeps, keyed());
    for (const caller of ["user:user-2", "backend:user-1"]) {
      expect((await start(world.startDeps, keyed({ caller }))).row.id).not.toBe(one.row.id);
    }
  });

  test("is forgotten after 24 hours, to the millisecond", async () => {
    setTime(during);
    const world = await makeWorld();
    const first = await start(world.startDeps, keyed());
    setTime(new Date(during.getTime() + day * 1000 - 1));
    expect((await start(world.startDeps, keyed())).row.id).toBe(first.row.id);
    setTime(new Date(during.getTime() + day * 1000));
    const second = await start(world.startDeps, keyed({ identity: li }));
    expect(second.row.id).not.toBe(first.row.id);
    expect((await start(world.startDeps, keyed({ identity: li }))).row.id).toBe(second.row.id);
  });
});
