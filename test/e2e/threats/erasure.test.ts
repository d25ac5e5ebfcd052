/** Nothing of an erased person is found, wherever one looks: on disk, in the log, in yesterday's dump (THREATS 56, 78). */
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { sql } from "drizzle-orm";
import { Client } from "pg";
import { expect, onTestFinished, test, vi } from "vitest";
import * as z from "zod";
import { manifestOf } from "../../../shared/archive/audit.ts";
import { eraseVerifications } from "../../../shared/archive/erase.ts";
import { maintain } from "../../../shared/archive/maintain.ts";
import { runArchive } from "../../../shared/archive/run.ts";
import type { Channel, EvidencePiece } from "../../../shared/channels/types.ts";
import { log } from "../../../shared/runtime/log.ts";
import { connect, type Database } from "../../../shared/store/database.ts";
import { verificationsOfPerson } from "../../../shared/store/erasure.ts";
import { openObserved } from "../../../shared/store/record.ts";
import { openKeys } from "../../../shared/store/row-keys.ts";
import type { VerificationRow } from "../../../shared/store/schema.ts";
import { findVerification } from "../../../shared/store/verifications.ts";
import { settle } from "../../../shared/verification/settle.ts";
import { start } from "../../../shared/verification/start.ts";
import { fakeChannel, fetched, keyring, within } from "../../archive/channel.ts";
import { makeWorld } from "../../archive/world.ts";
import { databaseUrl } from "../../support/database-pool.ts";
import { somebody } from "../../support/people.ts";
import { postgresUrl } from "../../support/run-parts.ts";
import { observed } from "../../verification/observations.ts";

/** A face as bytes that are nowhere else. */
const face = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), randomBytes(4_000)]);

/** A channel whose provider names the person and has a picture of the face. */
const channelOf = (person: { name: string; idCardNumber: string }): Channel => ({
  ...fakeChannel(),
  issue: async ({ verificationId }) => ({
    issued: { token: `TOKEN-${verificationId}`, start: { url: "https://provider.example" }, account: {} },
    lifetimeSeconds: 7_200,
    resultSeconds: 259_200,
  }),
  observe: async ({ verificationId }) =>
    observed({ echo: verificationId, person: { kind: "named", ...person } }),
  fetchEvidence: async (_, kinds) => {
    const pieces: EvidencePiece[] = [
      {
        kind: "text",
        name: "text.json",
        mediaType: "application/json",
        bytes: Buffer.from(JSON.stringify(person)),
      },
      { kind: "best-frame", name: "best-frame.jpg", mediaType: "image/jpeg", bytes: face },
    ];
    return fetched(pieces.filter(({ kind }) => kinds.includes(kind)));
  },
});

/** Every file below a folder that was written since. */
function filesSince(folder: string, since: number): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesSince(path, since);
    return entry.isFile() && statSync(path).mtimeMs >= since ? [path] : [];
  });
}

async function onServer<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: await postgresUrl() });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A copy of a database as it is now: yesterday's dump, once it is tomorrow. */
async function dumpOf(db: Database): Promise<string> {
  const { rows } = await db.execute(sql`select current_database() as name`);
  const [{ name }] = z.tuple([z.object({ name: z.string() })]).parse(rows);
  await onServer(async (client) => {
    await client.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [name]);
    await client.query(`create database ${name}_dump template ${name}`);
  });
  return databaseUrl(await postgresUrl(), `${name}_dump`);
}

test("an erased person is nowhere on disk, in no log line, and in no restored dump that functions have run on", async () => {
  const since = Date.now() - 2_000;
  const logged: string[] = [];
  for (const level of ["info", "warn", "error"] as const) {
    const spy = vi.spyOn(log, level).mockImplementation((...facts) => {
      logged.push(inspect(facts, { depth: 12 }));
    });
    onTestFinished(() => spy.mockRestore());
  }
  const world = await makeWorld();
  const person = { ...somebody(), name: `甲${randomBytes(4).toString("hex")}` };
  const channels = { h5: channelOf(person) };
  const deps = { ...world.deps, channels };
  const { row: started } = await start(
    {
      db: world.db,
      keyring,
      channel: channels.h5,
      limitPerOwner: [],
      limitPerPerson: [{ count: 9, seconds: 60 }],
    },
    { caller: "shop", owner: "user-1", limitOwner: true, identity: person, idempotencyKey: "once" },
  );
  expect(await settle(deps, started, "finish")).toMatchObject({ status: "passed" });
  await runArchive(deps, within(20_000));
  const archived = await world.row(started.id);
  expect(archived).toMatchObject({ archiveStatus: "archived" });
  expect((await manifestOf(deps, archived)) satisfies object).toHaveProperty("manifest");
  const dump = await dumpOf(world.db);

  const found = await verificationsOfPerson(world.db, keyring, person.idCardNumber);
  await eraseVerifications(
    deps,
    found.map(({ id }) => id),
    "person",
  );

  const restored = connect(dump);
  onTestFinished(() => restored.close());
  const inDump = async (): Promise<VerificationRow> => {
    const row = await findVerification(restored.db, started.id);
    if (!row) throw new Error("no row in the dump");
    return row;
  };
  const openedInDump = async () => {
    const row = await inDump();
    return openObserved(restored.db, await openKeys(keyring, row), row, { usesResultTokens: false });
  };
  // The dump itself holds the wrapped key: whoever has it and MASTER_KEY reads the row, and finds no evidence.
  expect(await openedInDump()).toMatchObject({ identity: person });
  expect(await manifestOf(deps, await inDump())).toEqual({ problem: "missing" });
  // The first run of maintain, or of migrate, on the restored database ends that.
  const { reappliedErasures } = await maintain({ ...deps, db: restored.db }, undefined, () => true);
  expect(reappliedErasures).toBe(1);
  expect(await openedInDump()).toBeUndefined();
  expect(await inDump()).toMatchObject({ identity: null, dataKey: null, personHash: null, status: "passed" });
  expect(await verificationsOfPerson(restored.db, keyring, person.idCardNumber)).toEqual([]);

  const canaries = [
    person.name,
    person.idCardNumber,
    Buffer.from(JSON.stringify(person)).toString("base64").slice(4, 40),
    face.subarray(100, 200),
    face.toString("base64").slice(40, 200),
  ].map((canary) => Buffer.from(canary));
  const folder = await onServer(async (client) => {
    await client.query("checkpoint");
    const { rows } = await client.query("show data_directory");
    return z.object({ data_directory: z.string() }).parse(rows[0]).data_directory;
  });
  const files = [...filesSince(folder, since), ...filesSince(world.folder, 0)];
  expect(files.length).toBeGreaterThan(20);
  const leaking = files.filter((file) => {
    const bytes = readFileSync(file);
    return canaries.some((canary) => bytes.includes(canary));
  });
  expect(leaking).toEqual([]);
  expect(logged.join("")).toContain(started.id);
  for (const canary of canaries) expect(Buffer.from(logged.join("")).includes(canary)).toBe(false);
});
