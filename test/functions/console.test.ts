/** The console's function, called as the platform does, on a database with what the other functions leave there. */
import { sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import * as z from "zod";
import {
  alarmList,
  backlog,
  chargedAttempts,
  timeline,
  verificationList,
} from "../../shared/contract/console.ts";
import { pathTo, type RouteName, routes } from "../../shared/contract/routes.ts";
import { type Connection, connect } from "../../shared/store/database.ts";
import { enqueueEvent } from "../../shared/store/outbox.ts";
import {
  attempt,
  chargedCount,
  outboundEvent,
  resultTokens,
  verification,
} from "../../shared/store/schema.ts";
import { presentVerification } from "../../shared/verification/present.ts";
import { functionUrlEvent, scfContext } from "../http/events.ts";
import { bearerToken } from "../support/callers.ts";
import { expectDocumented } from "../support/contract.ts";
import { freshDatabase } from "../support/database.ts";
import { freshFunction, type MainHandler } from "./fresh-function.ts";

const SECRET = "for-the-console-only-0123456789abcdef";
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const answerSchema = z.object({
  statusCode: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});

let connection: Connection;
let backend = "";
let consoleFunction: MainHandler;
beforeAll(async () => {
  const databaseUrl = await freshDatabase();
  vi.stubEnv("DATABASE_URL", databaseUrl);
  vi.stubEnv("AUTH_SECRET", SECRET);
  consoleFunction = await freshFunction("console");
  connection = connect(databaseUrl);
  backend = await bearerToken(SECRET, { sub: "shop", scope: "backend" });
});
afterAll(() => connection.close());
beforeEach(async () => {
  await connection.db.execute(sql`truncate ${verification}, ${outboundEvent}, ${chargedCount} cascade`);
});

/** Sends a request; the contract must know the answer. */
async function get(path: string, query: Record<string, unknown> = {}, bearer: string | null = backend) {
  const headers = bearer === null ? {} : { authorization: `Bearer ${bearer}` };
  const event = functionUrlEvent({ httpMethod: "GET", path, queryString: query, headers, body: "" });
  const answer = answerSchema.parse(await consoleFunction(event, scfContext()));
  const { statusCode: status, body: text } = answer;
  expectDocumented("GET", path, {
    status,
    headers: new Headers(answer.headers),
    text,
    json: () => JSON.parse(text),
  });
  return { status, text, headers: answer.headers, json: (): unknown => JSON.parse(text) };
}

const ago = (ms: number) => new Date(Date.now() - ms);
const idAt = (at: Date) => `ver_${uuidv7({ msecs: at.getTime() })}`;

/** Puts a verification into the database as it is some time after its creation. */
async function put(at: Date, over: Partial<typeof verification.$inferInsert> = {}) {
  const [row] = await connection.db
    .insert(verification)
    .values({
      id: idAt(at),
      channel: "h5",
      owner: "openid-of-somebody",
      issued: Buffer.from("sealed-token"),
      identity: Buffer.from("sealed-person"),
      createdAt: at,
      expiresAt: new Date(at.getTime() + 2 * HOUR_MS),
      purgeAt: new Date(at.getTime() + 72 * HOUR_MS),
      ...over,
    })
    .returning();
  if (!row) throw new Error("nothing inserted");
  return row;
}

const passed = { status: "passed", settledAt: new Date() } as const;
const idsOf = async (query: Record<string, unknown> = {}) =>
  verificationList
    .parse((await get("/console/verifications", query)).json())
    .verifications.map(({ verificationId }) => verificationId);

const reading = (Object.keys(routes) as RouteName[]).filter(
  (name) => routes[name].function === "console" && routes[name].access === "bearer",
);

describe("the console's data", () => {
  test.each(reading)("of %s is for backends alone", async (name) => {
    const path = pathTo(name, { id: idAt(new Date()) });
    expect((await get(path, {}, null)).status).toBe(401);
    const user = await bearerToken(SECRET, { sub: "openid-of-somebody", scope: "user" });
    const refused = await get(path, {}, user);
    expect([refused.status, refused.json()]).toMatchObject([403, { code: "forbidden" }]);
  });

  test("never holds whose a verification is, where the browser went, or what is sealed", async () => {
    const row = await put(ago(HOUR_MS), { ...passed, returnUrl: "https://shop.example/secret" });
    await enqueueEvent(connection.db, "verification.passed", presentVerification(row), new Date());
    for (const name of reading) {
      const { status, text } = await get(pathTo(name, { id: row.id }));
      expect(status).toBe(200);
      expect(text).not.toMatch(/openid-of-somebody|shop\.example|sealed|c2VhbGVk/);
    }
  });
});

describe("the list of verifications", () => {
  test("is newest first, in pages that together hold each once, also while new ones come", async () => {
    const rows = await Promise.all(Array.from({ length: 120 }, (_, n) => put(ago(n * MINUTE_MS))));
    const seen: string[] = [];
    let before: string | undefined;
    do {
      const page = verificationList.parse(
        (await get("/console/verifications", before ? { before } : {})).json(),
      );
      seen.push(...page.verifications.map(({ verificationId }) => verificationId));
      before = page.next;
      await put(new Date());
    } while (before);
    expect(seen).toEqual(rows.map(({ id }) => id));
  });

  test("is narrowed by status, channel, reference, archive status and time, all at once too", async () => {
    const old = await put(ago(50 * HOUR_MS), { ...passed, archiveStatus: "archived" });
    const lost = await put(ago(3 * HOUR_MS), {
      status: "failed",
      archiveStatus: "lost",
      reference: "订单-7",
    });
    const open = await put(ago(MINUTE_MS), { channel: "eid", reference: "订单-7" });
    const cases: [Record<string, string>, string[]][] = [
      [{}, [open.id, lost.id, old.id]],
      [{ status: "passed" }, [old.id]],
      [{ channel: "eid" }, [open.id]],
      [{ reference: "订单-7" }, [open.id, lost.id]],
      [{ reference: "订单" }, []],
      [{ archive: "lost" }, [lost.id]],
      [{ since: ago(4 * HOUR_MS).toISOString() }, [open.id, lost.id]],
      [{ since: open.createdAt.toISOString() }, [open.id]],
      [{ reference: "订单-7", status: "failed", channel: "h5", archive: "lost" }, [lost.id]],
    ];
    for (const [query, ids] of cases) expect([query, await idsOf(query)]).toEqual([query, ids]);
  });

  test("leaves out drafts, which have no token yet", async () => {
    await put(ago(MINUTE_MS), { issued: null, expiresAt: null, purgeAt: null });
    expect(await idsOf()).toEqual([]);
  });

  test.each([
    { status: "open" },
    { channel: "fax" },
    { archive: "" },
    { since: "yesterday" },
    { before: "evt_1" },
    { reference: "a\u0000b" },
    { owner: "openid-of-somebody" },
    { status: ["passed", "failed"] },
    JSON.parse('{"__proto__": "x"}'),
  ])("refuses the query %j, and does not repeat its values", async (query) => {
    const answer = await get("/console/verifications", query);
    expect([answer.status, answer.json()]).toMatchObject([400, { code: "invalid_request" }]);
    expect(answer.text).not.toMatch(/openid-of-somebody|yesterday|fax/);
  });
});

describe("a timeline", () => {
  test("tells of the token, attempts with code and charge, settlement, events and archive", async () => {
    const createdAt = ago(2 * HOUR_MS);
    const later = (ms: number) => new Date(createdAt.getTime() + ms);
    const row = await put(createdAt, {
      status: "passed",
      attempts: 2,
      observedAt: later(30_000),
      settledAt: later(31_000),
      settledBy: "landing",
      archiveStatus: "archived",
      archivedAt: later(600_000),
      archiveKinds: ["text", "best-frame"],
      archiveMissing: [{ kind: "video", reason: "not_recorded" }],
    });
    await connection.db.insert(attempt).values([
      { verificationId: row.id, seq: "b", at: later(20_000), code: "0", charged: true },
      { verificationId: row.id, seq: "a", at: later(10_000), code: "1004", charged: false },
    ]);
    await connection.db.insert(resultTokens).values({
      hash: Buffer.from("h"),
      sealed: Buffer.from("s"),
      verificationId: row.id,
      at: later(25_000),
    });
    const { db } = connection;
    await enqueueEvent(db, "verification.passed", presentVerification(row), later(31_000));
    await db.update(outboundEvent).set({ deliveredAt: later(32_000), deliverAt: null, tries: 1 });
    await enqueueEvent(
      db,
      "alarm.raised",
      { alarm: "archive_lost", verification: presentVerification(row) },
      later(33_000),
    );
    await enqueueEvent(db, "verification.passed", presentVerification(await put(createdAt)), later(34_000));

    expect(timeline.parse((await get(`/console/timelines/${row.id}`)).json())).toEqual({
      verification: presentVerification(row),
      purgeAt: later(72 * HOUR_MS).toISOString(),
      observedAt: later(30_000).toISOString(),
      settledBy: "landing",
      attempts: [
        { at: later(10_000).toISOString(), code: "1004", charged: false },
        { at: later(20_000).toISOString(), code: "0", charged: true },
      ],
      resultTokens: [later(25_000).toISOString()],
      events: [
        {
          ...{ id: expect.any(String), type: "verification.passed", at: later(31_000).toISOString() },
          ...{ delivery: "delivered", tries: 1, deliveredAt: later(32_000).toISOString() },
        },
        {
          ...{ id: expect.any(String), type: "alarm.raised", alarm: "archive_lost" },
          ...{ at: later(33_000).toISOString(), delivery: "waiting", tries: 0 },
          nextTryAt: later(33_000).toISOString(),
        },
      ],
      archivedKinds: ["text", "best-frame"],
    });
  });

  test.each(["ver_01933b60-0000-7000-8000-000000000001", "nothing", "%00"])(
    "of %s is not found",
    async (id) => {
      expect((await get(`/console/timelines/${id}`)).status).toBe(404);
    },
  );
});

describe("the backlog", () => {
  test("counts what waits by the hours left, and what is past the deadline apart", async () => {
    const due = { ...passed, archiveAt: new Date() };
    const atLeast = (hours: number) => ({
      ...due,
      purgeAt: new Date(Date.now() + hours * HOUR_MS + MINUTE_MS),
    });
    const oldest = await put(ago(80 * HOUR_MS), { ...due, purgeAt: ago(8 * HOUR_MS) });
    for (const hours of [0, 5, 6, 71]) await put(ago(HOUR_MS), atLeast(hours));
    await put(ago(HOUR_MS), { ...atLeast(5), archiveStatus: "archived", archiveAt: null });
    await put(ago(HOUR_MS), { checkAt: new Date() });
    await connection.db.insert(outboundEvent).values({
      ...{ id: "evt_1", type: "verification.passed", data: {} },
      ...{ createdAt: new Date(), deliverAt: new Date() },
    });
    expect(backlog.parse((await get("/console/backlog")).json())).toMatchObject({
      pending: 1,
      unarchived: 5,
      hoursToPurge: [
        { from: -1, count: 1 },
        { from: 0, count: 2 },
        { from: 6, count: 1 },
        { from: 66, count: 1 },
      ],
      nextPurgeAt: oldest.purgeAt?.toISOString(),
      oldestCreatedAt: oldest.createdAt.toISOString(),
      undeliveredEvents: 1,
      recent: {
        byStatus: { pending: 1, passed: 5, failed: 0, expired: 0 },
        byArchive: { due: 5, archiving: 0, archived: 1, skipped: 0, lost: 0 },
      },
    });
  });

  test("of an empty database is empty", async () => {
    const read = backlog.parse((await get("/console/backlog")).json());
    expect(read).toMatchObject({ pending: 0, unarchived: 0, hoursToPurge: [], nextPurgeAt: null });
  });
});

test("alarms are listed newest first, a page at a time, each with what it is about", async () => {
  const row = await put(ago(HOUR_MS));
  for (let n = 0; n < 55; n++) {
    await enqueueEvent(
      connection.db,
      "alarm.raised",
      { alarm: "timer_stopped", timer: `timer-${n}` },
      new Date(),
    );
    await enqueueEvent(connection.db, "verification.passed", presentVerification(row), new Date());
  }
  const last = { alarm: "identity_mismatch", verification: presentVerification(row) };
  await enqueueEvent(connection.db, "alarm.raised", last, new Date());
  const first = alarmList.parse((await get("/console/alarms")).json());
  expect(first.alarms).toHaveLength(50);
  expect(first.alarms[0]).toMatchObject({ alarm: "identity_mismatch", verificationId: row.id });
  expect(first.alarms[1]).toMatchObject({ alarm: "timer_stopped", timer: "timer-54" });
  const second = alarmList.parse((await get("/console/alarms", { before: first.next })).json());
  expect(second.alarms.map(({ timer }) => timer)).toEqual(
    Array.from({ length: 6 }, (_, n) => `timer-${5 - n}`),
  );
  expect(second.next).toBeUndefined();
});

test("charged attempts are counted per day of China Standard Time", async () => {
  const { id } = await put(ago(HOUR_MS));
  const today = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(new Date());
  const midnight = new Date(`${today}T00:00:00+08:00`).getTime();
  const at = [midnight, midnight - 1, midnight - HOUR_MS].map((time) => new Date(time));
  const old = new Date(midnight - 40 * 24 * HOUR_MS);
  await connection.db.insert(attempt).values([
    ...at.map((time, n) => ({ verificationId: id, seq: `c${n}`, at: time, code: "0", charged: true })),
    ...[false, null].map((charged, n) => ({
      verificationId: id,
      seq: `f${n}`,
      at: new Date(midnight),
      charged,
    })),
    { verificationId: id, seq: "old", at: old, charged: true },
  ]);
  const yesterday = new Date(midnight - HOUR_MS + 8 * HOUR_MS).toISOString().slice(0, 10);
  expect(chargedAttempts.parse((await get("/console/charged-attempts")).json()).days).toEqual([
    { day: today, charged: 1 },
    { day: yesterday, charged: 2 },
  ]);
});
