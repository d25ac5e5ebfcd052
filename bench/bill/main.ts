/**
 * `zhenren bill` over a month of 100,000 lines: whether it finds each planted difference and nothing else, and how long it
 * takes, against a loop that reads the same pages and the same tables and compares nothing.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import * as z from "zod";
import { startPostgres } from "../../local/postgres.ts";
import { parseKeyring } from "../../shared/crypto/keyring.ts";
import { faceIdBill } from "../../shared/providers/tencent-cloud/index.ts";
import { connect, type Database } from "../../shared/store/database.ts";
import { migrate } from "../../shared/store/migrate.ts";
import { attempt, verification } from "../../shared/store/schema.ts";
import { billMonth } from "../../tools/cli/bill/days.ts";
import { fetchBill } from "../../tools/cli/bill/fetch.ts";
import { median } from "../measure.ts";
import { type BenchSimulator, startBenchSimulator } from "../simulator.ts";
import { type Planted, writeMonth } from "./month.ts";

const LINE_COUNT = 100_000;
const ROUND_COUNT = 3;
const MAX_SECONDS = 30;
const MASTER_KEY = `bench-1:${Buffer.alloc(32, 7).toString("base64")}`;
const credential = { secretId: "sim-secret-id", secretKey: "sim-secret-key" };

const usage = z.object({ cpuMs: z.number(), peakBytes: z.number() });

/** How one way to read a month fared. */
interface Run {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Measures and prints. Answers whether every difference was found and nothing else, in time. */
export async function benchBill(): Promise<boolean> {
  const localDir = mkdtempSync(join(tmpdir(), "zhenren-bill-"));
  chmodSync(localDir, 0o711); // PostgreSQL may run as another user
  const server = await startPostgres({ localDir, password: "for-the-bench", port: 0, fsync: false });
  const { db, close } = connect(server.url);
  let simulator: BenchSimulator | undefined;
  try {
    await migrate(server.url);
    const written = await writeMonth(db, parseKeyring(MASTER_KEY), localDir, LINE_COUNT);
    simulator = await startBenchSimulator(localDir);
    console.log(`${written.month}: ${written.lines} lines, ${written.planted.length} differences planted\n`);
    return await compare({ db, databaseUrl: server.url, origin: simulator.origin, localDir }, written);
  } finally {
    await simulator?.stop();
    await close();
    await server.stop();
    rmSync(localDir, { recursive: true, force: true });
  }
}

interface Sides {
  readonly db: Database;
  readonly databaseUrl: string;
  readonly origin: string;
  readonly localDir: string;
}

async function compare(
  sides: Sides,
  { month, planted }: { readonly month: string; readonly planted: readonly Planted[] },
): Promise<boolean> {
  const plain: Run[] = [];
  const command: (Run & { readonly peakBytes: number })[] = [];
  const wanted = planted.map(({ kind, seq }) => `${kind} ${seq}`).toSorted();
  let isRight = true;
  for (let round = 0; round < ROUND_COUNT; round += 1) {
    plain.push(await readPlainly(sides, month));
    const { found, ...run } = await runBill(sides, month);
    command.push(run);
    isRight &&= found.toSorted().join("\n") === wanted.join("\n");
  }
  const of = <T>(runs: readonly T[], read: (run: T) => number) => median(runs.map(read));
  const seconds = of(command, (run) => run.seconds);
  const cells = [
    seconds.toFixed(1),
    (seconds / of(plain, (run) => run.seconds)).toFixed(2),
    of(command, (run) => run.cpuSeconds).toFixed(1),
    (of(command, (run) => run.cpuSeconds) / of(plain, (run) => run.cpuSeconds)).toFixed(2),
    (of(command, (run) => run.peakBytes) / 1024 ** 2).toFixed(0),
  ];
  console.log("| wall s | to plain reading | CPU s | to plain reading | peak MB |\n|---|---|---|---|---|");
  console.log(`| ${cells.join(" | ")} |\n`);
  console.log(
    isRight ? "Every planted difference was found, and nothing else." : "NOT the planted differences.",
  );
  return isRight && seconds <= MAX_SECONDS;
}

/** The real command, in a process of its own. `found`: kind and `Seq` of each difference. */
async function runBill(
  { databaseUrl, origin, localDir }: Sides,
  month: string,
): Promise<Run & { peakBytes: number; found: string[] }> {
  const root = join(import.meta.dirname, "../..");
  const usageFile = join(localDir, "usage.json");
  const begun = performance.now();
  const child = spawn(
    process.execPath,
    [
      "--import",
      join(import.meta.dirname, "report-usage.mjs"),
      join(root, "tools/cli/zhenren.mjs"),
      ...["bill", "--month", month, "--csv"],
    ],
    {
      cwd: root,
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        PATH: process.env["PATH"],
        USAGE_FILE: usageFile,
        DATABASE_URL: databaseUrl,
        MASTER_KEY,
        SIMULATOR_URL: origin,
        TENCENT_SECRET_ID: credential.secretId,
        TENCENT_SECRET_KEY: credential.secretKey,
      },
    },
  );
  const [out] = await Promise.all([text(child.stdout), once(child, "close")]);
  const seconds = (performance.now() - begun) / 1_000;
  const { cpuMs, peakBytes } = usage.parse(JSON.parse(readFileSync(usageFile, "utf8")));
  const found = out
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","))
    .map(([, kind, , seq]) => `${kind} ${seq}`);
  return { seconds, cpuSeconds: cpuMs / 1_000, peakBytes, found };
}

/** All pages and all rows, and no comparison. */
async function readPlainly({ db, origin }: Sides, month: string): Promise<Run> {
  const { hostname, port } = new URL(origin);
  const call = faceIdBill({
    credential: () => credential,
    endpointOverride: { host: hostname, port: Number(port) },
  });
  const [begun, before] = [performance.now(), process.cpuUsage()];
  for (const day of billMonth(month, new Date())) await fetchBill(call, day);
  await db.select({ id: verification.id, issued: verification.issued }).from(verification);
  await db.select().from(attempt);
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - begun) / 1_000, cpuSeconds: (user + system) / 1e6 };
}
