/**
 * Whether what requests and timers ask takes as long with a million verifications behind it as with ten thousand. Each call is
 * made in turn on both databases of one server, in a transaction that is undone, and compared with itself.
 */
import { chmodSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { freemem, tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { startPostgres } from "../../local/postgres.ts";
import { maintain } from "../../shared/archive/maintain.ts";
import { runArchive } from "../../shared/archive/run.ts";
import { fileStore } from "../../shared/archive/stores/file.ts";
import { EVIDENCE_KINDS } from "../../shared/channels/types.ts";
import { callBudget } from "../../shared/store/call-budget.ts";
import { migrate } from "../../shared/store/migrate.ts";
import { reconcile } from "../../shared/verification/reconcile.ts";
import { deliverEvents } from "../../shared/webhooks/deliver.ts";
import { type Cost, measureOnce, median } from "../measure.ts";
import { type Call, type Found, reads, writes } from "./calls.ts";
import { fillDatabase, RETENTION_DAYS } from "./fill.ts";
import { findThings } from "./find-things.ts";
import { type Measured, measureUndone, openMeasured, plansOf } from "./measure-call.ts";
import { addWaiting, keyring } from "./waiting.ts";

const SMALL = 10_000;
/** A call that takes more times as long as with {@link SMALL} rows is shown with its plans. */
const MAX_RATIO = 2;
const WARM_UPS = 8; // a prepared statement gets its lasting plan with the sixth
const CALLS = 41;
/** A call is not repeated any more after so long. */
const PATIENCE_MS = 20_000;
/** What a verification takes on the disk, with all that belongs to it. */
const BYTES_A_ROW = 2_600;

interface Filled {
  readonly rows: number;
  readonly measured: Measured;
  readonly found: Found;
}

/** Fills databases of these sizes, measures, prints. Answers whether no call took more than twice as long. */
export async function benchRows(rows: number): Promise<boolean> {
  const localDir = mkdtempSync(join(roomFor(rows * BYTES_A_ROW), "zhenren-rows-"));
  chmodSync(localDir, 0o711); // PostgreSQL may run as another user
  const server = await startPostgres({ localDir, password: "for-the-bench", port: 0, fsync: false });
  const filled: Filled[] = [];
  try {
    await migrate(server.url);
    for (const count of [SMALL, rows]) filled.push(await fill(server.url, count));
    return await compare(filled, localDir);
  } finally {
    for (const { measured } of filled) await measured.close();
    await server.stop();
    rmSync(localDir, { recursive: true, force: true });
  }
}

/** A folder in memory if half of what is free is enough. */
function roomFor(bytes: number): string {
  try {
    const { bavail, bsize } = statfsSync("/dev/shm");
    if (Math.min(bavail * bsize, freemem()) > 2 * bytes) return "/dev/shm";
  } catch {
    // Another system.
  }
  return tmpdir();
}

async function fill(serverUrl: string, rows: number): Promise<Filled> {
  const begun = performance.now();
  const url = new URL(serverUrl);
  url.pathname = `/rows_${rows}`;
  const admin = new Client({ connectionString: serverUrl.replace(/\/zhenren$/, "/postgres") });
  await admin.connect();
  await admin.query(`create database rows_${rows} template zhenren`);
  await admin.end();
  await fillDatabase(url.href, rows);
  const measured = await openMeasured(url.href);
  const { db, pool } = measured;
  const now = new Date();
  await addWaiting(db, now);
  await pool.query("vacuum (analyze)");
  await pool.query("checkpoint");
  const { rows: sizes } = await pool.query<{ size: string }>(
    "select pg_size_pretty(pg_database_size(current_database())) as size",
  );
  const seconds = ((performance.now() - begun) / 1_000).toFixed(0);
  console.log(`${rows} verifications: ${sizes[0]?.size}, filled in ${seconds} s`);
  return { rows, measured, found: await findThings(measured, rows, now) };
}

type Make = (filled: Filled, n: number) => Promise<Cost>;

const makeRead =
  (call: Call): Make =>
  ({ measured, found }, n) =>
    measureOnce(() => call(measured.db, found, n), measured.cpuMs);
const makeWrite =
  (call: Call): Make =>
  ({ measured, found }, n) =>
    measureUndone(measured, (tx) => call(tx, found, n));

const makers: readonly (readonly [name: string, make: Make])[] = [
  ...Object.entries(reads).map(([name, call]) => [name, makeRead(call)] as const),
  ...Object.entries(writes).map(([name, call]) => [name, makeWrite(call)] as const),
];

async function compare(filled: readonly Filled[], localDir: string): Promise<boolean> {
  let isEven = true;
  const [, large] = filled;
  console.log(
    `\n| call | ms, ${SMALL} rows | ms, ${large?.rows} rows | ratio | CPU ratio |\n|---|---|---|---|---|`,
  );
  const show = (name: string, costs: ReadonlyMap<Filled, Cost[]>): boolean => {
    const middle = (of: "ms" | "cpuMs") =>
      [...costs.values()].map((all) => median(all.map((cost) => cost[of])));
    const [before = Number.NaN, after = Number.NaN] = middle("ms");
    const [cpuBefore = Number.NaN, cpuAfter = Number.NaN] = middle("cpuMs");
    const cells = [
      before.toFixed(2),
      after.toFixed(2),
      (after / before).toFixed(2),
      (cpuAfter / cpuBefore).toFixed(2),
    ];
    console.log(`| ${name} | ${cells.join(" | ")} |`);
    // What else the machine does makes time longer, and CPU time hardly.
    return Math.min(after / before, cpuAfter / cpuBefore) <= MAX_RATIO;
  };
  const plans: string[] = [];
  for (const [name, make] of makers) {
    const costs = await inTurn(filled, make);
    if (show(name, costs)) continue;
    isEven = false;
    for (const each of filled) {
      const done = await plansOf(each.measured, () => make(each, 1));
      plans.push(`### ${name}, ${each.rows} rows`, ...done);
    }
  }
  for (const each of filled) await makeIdle(each, localDir);
  for (const [name, run] of Object.entries(idleRuns)) {
    const costs = await inTurn(filled, ({ measured }) =>
      measureOnce(() => run(measured, localDir), measured.cpuMs),
    );
    isEven = show(`${name}, nothing to do`, costs) && isEven;
  }
  if (plans.length > 0) console.log(`\n${plans.join("\n")}`);
  return isEven;
}

/** Measures the same on all, in turn. */
async function inTurn(filled: readonly Filled[], work: Make): Promise<ReadonlyMap<Filled, Cost[]>> {
  const costs = new Map(filled.map((each): [Filled, Cost[]] => [each, []]));
  const begun = performance.now();
  for (let n = 0; n < WARM_UPS + CALLS; n += 1) {
    if (performance.now() - begun > PATIENCE_MS && n > WARM_UPS) break;
    // Who comes second finds the processor's caches as the first has left them.
    for (const each of n % 2 === 0 ? filled : filled.toReversed()) {
      const cost = await work(each, n);
      if (n >= WARM_UPS) costs.get(each)?.push(cost);
    }
  }
  return costs;
}

const eraseDeps = ({ db }: Measured, localDir: string) => ({
  db,
  keyring,
  evidenceStore: fileStore(join(localDir, "evidence")),
});

/** Whole runs of timers. */
const idleRuns: Readonly<Record<string, (measured: Measured, localDir: string) => Promise<unknown>>> = {
  reconcile: ({ db }) => reconcile({ db, keyring, channels: {}, budget: callBudget(db) }, () => 100_000),
  maintain: (measured, localDir) => maintain(eraseDeps(measured, localDir), RETENTION_DAYS, () => true),
  deliver: ({ db }) =>
    deliverEvents(db, { url: "http://127.0.0.1:9", secret: "", mayBePrivate: true }, () => 100_000),
  archive: (measured, localDir) =>
    runArchive(
      { ...eraseDeps(measured, localDir), channels: {}, evidence: EVIDENCE_KINDS },
      { remainingMs: () => 100_000 },
    ),
};

/** Does what one run of `maintain` does, and leaves what waits for later. */
async function makeIdle({ measured }: Filled, localDir: string): Promise<void> {
  const { pool } = measured;
  await idleRuns["maintain"]?.(measured, localDir);
  const ids = (queue: string) =>
    `id in (select verification_id from verification_due where queue = '${queue}')`;
  await pool.query(`update verification set check_at = now() + interval '1 hour' where ${ids("check")}`);
  await pool.query(
    `update verification set archive_at = now() + interval '1 hour', archive_run = null, archive_lease_until = null,
       archive_status = case archive_status when 'archiving' then 'due' else archive_status end where ${ids("archive")}`,
  );
  await pool.query(
    "update outbound_event set deliver_at = now() + interval '1 hour' where deliver_at is not null",
  );
  await idleRuns["maintain"]?.(measured, localDir);
}
