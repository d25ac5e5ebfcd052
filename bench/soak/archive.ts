/** `npm run soak -- --archive`: everybody's evidence is archived exactly once, by workers that are killed all the time. */
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { print, printError } from "../../tools/cli/command.ts";
import { archiveChecks } from "./archive-checks.ts";
import { runWorkers, type WorkerCounts } from "./archive-workers.ts";
import { everybodyPasses, runLoad } from "./load.ts";
import { type Random, seededRandom } from "./random.ts";
import { checkAll } from "./settle-down.ts";
import { runTimers, type SoakStack, withSoakStack } from "./stack.ts";
import { countedBy, exitCodeOf, tableOf } from "./table.ts";
import { apisOf, FAULTS, restartDatabase } from "./trouble.ts";

const PEOPLE = 24;
const TIMERS = ["reconcile", "deliver", "maintain"];
/** Of all calls to a provider, so many fail, in equal parts in each way. */
const FAULT_SHARE = 0.2;
/** The database is restarted once so many percent are archived, drawn from each of these. */
const RESTARTS_AT_PERCENT = [
  { from: 10, to: 40 },
  { from: 50, to: 85 },
] as const;
const LOOK_PAUSE_MS = 500;
/** The clock is never moved by less: one step for all that is due in a minute. */
const MIN_SKIP_MS = 60_000;
/** Simulated time after which waiting is given up: FaceID has then purged the last result. */
const MAX_SKIPPED_MS = 76 * 3_600_000;
/** Real time after which it is: something never ends. */
const MAX_REAL_MS = 60 * 60_000;

const callCounts = z.record(z.string(), z.number());

const sumOf = (counts: unknown): number =>
  Object.values(callCounts.parse(counts)).reduce((sum, times) => sum + times, 0);

/** What is left to do; times in milliseconds since 1970. */
interface Rest {
  readonly archived: number;
  /** Leases that somebody holds, or held when he was killed. */
  readonly leased: number;
  /** When the next thing is due; `null` once nothing is. */
  readonly nextAt: number | null;
}

/** Looks at the database; `undefined` while it is away. */
async function look({ pool }: SoakStack): Promise<Rest | undefined> {
  const text = `select
    (select count(*)::int from verification where archive_status = 'archived') as archived,
    (select count(*)::int from verification where archive_run is not null) as leased,
    extract(epoch from least(
      (select min(archive_at) from verification),
      (select min(check_at) from verification where status = 'pending'),
      (select min(deliver_at) from outbound_event)))::float8 * 1000 as "nextAt"`;
  return pool.query<Rest>(text).then(
    ({ rows }) => rows[0],
    () => undefined,
  );
}

/** Restarts the database as often as it is to be; answers how often. */
async function restartDatabases(
  soak: SoakStack,
  total: number,
  random: Random,
  isLate: () => boolean,
): Promise<number> {
  let restarts = 0;
  for (const { from, to } of RESTARTS_AT_PERCENT) {
    const at = (total * random.between(from, to)) / 100;
    while (!isLate() && ((await look(soak))?.archived ?? 0) < at) await sleep(LOOK_PAUSE_MS);
    await restartDatabase(soak.client, random);
    restarts += 1;
    printError(`PostgreSQL was restarted after ${Math.round(at)} were archived.`);
  }
  return restarts;
}

/**
 * Waits until nothing is left to do. When all that is left waits for its time, the clock is moved there: a second try comes
 * after minutes. Answers how far the clock was moved.
 */
async function untilNothingIsDue(soak: SoakStack, isLate: () => boolean): Promise<number> {
  const { client } = soak;
  let skippedMs = 0;
  while (skippedMs < MAX_SKIPPED_MS && !isLate()) {
    await sleep(LOOK_PAUSE_MS);
    const rest = await look(soak);
    if (!rest || rest.leased > 0) continue;
    if (rest.nextAt === null) break;
    const waitMs = rest.nextAt - client.stack.functions.now();
    if (waitMs <= 0) continue;
    const seconds = Math.ceil(Math.max(waitMs, MIN_SKIP_MS) / 1_000);
    await client.simulate("POST", "clock", { advance: `${seconds}s` });
    skippedMs += seconds * 1_000;
  }
  return skippedMs;
}

interface Outcome extends Awaited<ReturnType<typeof runLoad>> {
  readonly workers: WorkerCounts;
  readonly restarts: number;
  /** By how much the clock was moved. */
  readonly skippedMs: number;
}

/** Has everybody pass while everything goes wrong, until nothing is left to do. */
async function passAndArchive(soak: SoakStack, total: number, seed: number): Promise<Outcome> {
  const { client } = soak;
  const workers: WorkerCounts = { runs: 0, cutOff: 0, killed: 0, stalled: 0 };
  const startedAt = performance.now();
  const isLate = () => performance.now() - startedAt > MAX_REAL_MS;
  let begun = 0;
  let isOver = false;
  const trouble = Promise.all([
    runWorkers(client, seededRandom(seed + 1), workers, () => isOver),
    runTimers(client, TIMERS, () => isOver),
  ]);
  try {
    const load = runLoad(client, seededRandom(seed), {
      people: PEOPLE,
      pauseMs: 0,
      habits: everybodyPasses,
      isOver: () => {
        begun += 1;
        return begun > total;
      },
    });
    const [{ flows, turnedAway }, restarts] = await Promise.all([
      load,
      restartDatabases(soak, total, seededRandom(seed + 3), isLate),
    ]);
    const skippedMs = await untilNothingIsDue(soak, isLate);
    return { flows, turnedAway, workers, restarts, skippedMs };
  } finally {
    isOver = true;
    await trouble;
  }
}

/** Runs it and prints the table; answers the exit code. */
export async function runArchiveSoak(total: number, seed: number): Promise<number> {
  return withSoakStack(seededRandom(seed + 2), async (soak) => {
    const { client, pool, receiver } = soak;
    for (const api of await apisOf(client)) {
      for (const kind of FAULTS) {
        await client.simulate("POST", "faults", { api, kind, share: FAULT_SHARE / FAULTS.length });
      }
    }
    const startedAt = performance.now();
    const { flows, turnedAway, workers, restarts, skippedMs } = await passAndArchive(soak, total, seed);
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    const calls = sumOf(await client.simulate("GET", "calls"));
    const failures = sumOf(await client.simulate("GET", "faults"));
    await client.simulate("DELETE", "faults");
    const checks = [
      ...(await checkAll(client, pool, flows, receiver)),
      ...(await archiveChecks(soak, total)),
    ];
    const share = ((100 * failures) / calls).toFixed(1);
    const rows = [
      ["verifications, seed", `${total}, ${seed}`],
      ["channels", countedBy(flows.map(({ channel }) => channel))],
      ["people who got no token in 15 tries", String(turnedAway)],
      ["seconds", String(seconds)],
      ["calls to providers that failed", `${failures} of ${calls} (${share} %)`],
      ["runs of the archive", `${workers.runs}, of which ${workers.cutOff} were cut off`],
      ["workers killed, stopped for longer than a lease", `${workers.killed}, ${workers.stalled}`],
      ["restarts of PostgreSQL", String(restarts)],
      ["hours by which the clock was moved", (skippedMs / 3_600_000).toFixed(1)],
    ] as const;
    for (const line of tableOf(rows, checks)) print(line);
    for (const line of [...client.counts.platform, ...client.counts.faults]) printError(line);
    return exitCodeOf(checks);
  });
}
