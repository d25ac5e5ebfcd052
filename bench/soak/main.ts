/** `npm run soak`: the whole stack under steady load while its database, its provider and its processes fail at random. */
import { defineCommand, print, printError, UsageError } from "../../tools/cli/command.ts";
import { text } from "../../tools/language/index.ts";
import { runArchiveSoak } from "./archive.ts";
import type { SoakClient } from "./client.ts";
import { runLoad, type SoakFlow, variedHabits } from "./load.ts";
import { seededRandom } from "./random.ts";
import { type Check, checkAll, settleDown } from "./settle-down.ts";
import { runTimers, withSoakStack } from "./stack.ts";
import { countedBy, exitCodeOf, tableOf } from "./table.ts";
import { runTrouble, type TroubleCounts } from "./trouble.ts";

const PEOPLE = 4;
const PAUSE_MS = 1_000;
const TIMERS = ["reconcile", "deliver", "maintain", "archive"];

function positive(text: string | undefined, name: string, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new UsageError(`--${name} is a number above 0.`);
  return value;
}

interface SoakResult {
  readonly flows: readonly SoakFlow[];
  readonly turnedAway: number;
  readonly trouble: TroubleCounts;
  readonly checks: readonly Check[];
  readonly client: SoakClient;
  readonly repeated: number;
}

async function soak(minutes: number, seed: number): Promise<SoakResult> {
  return withSoakStack(seededRandom(seed + 2), async ({ client, pool, receiver }) => {
    const end = performance.now() + minutes * 60_000;
    const isOver = () => performance.now() > end;
    const [{ flows, turnedAway }, trouble] = await Promise.all([
      runLoad(client, seededRandom(seed), {
        people: PEOPLE,
        pauseMs: PAUSE_MS,
        habits: variedHabits,
        isOver,
      }),
      runTrouble(client, pool, seededRandom(seed + 1), isOver),
      runTimers(client, TIMERS, isOver),
    ]);
    printError("The load has ended; waiting until everything is settled, delivered and archived.");
    await settleDown(client, pool, flows);
    const checks = await checkAll(client, pool, flows, receiver);
    return { flows, turnedAway, trouble, checks, client, repeated: receiver.counts.repeated };
  });
}

async function runSoak(minutes: number, seed: number): Promise<number> {
  const result = await soak(minutes, seed);
  const { flows, client, trouble, checks } = result;
  const { answered, unavailable, cutByKill, platform, faults } = client.counts;
  const rows = [
    ["minutes, seed", `${minutes}, ${seed}`],
    ["verifications", countedBy(flows.map(({ channel }) => channel))],
    ["people who got no token in 15 tries", String(result.turnedAway)],
    ["answers below 500", String(answered)],
    ["answers 503 in our own words", String(unavailable)],
    ["answers cut by a kill", String(cutByKill)],
    [
      "trouble",
      Object.entries(trouble)
        .map(([kind, times]) => `${times} ${kind}`)
        .join(", "),
    ],
    ["events that came more than once", String(result.repeated)],
  ] as const;
  for (const line of tableOf(rows, checks)) print(line);
  for (const line of [...platform, ...faults]) printError(line);
  return exitCodeOf(checks);
}

const command = defineCommand({
  name: "soak",
  summary: text(
    "Runs the whole stack under load while its database stops, its provider stalls and its processes are killed.",
    "在持续负载下运行整套服务，其间数据库停顿、服务方卡住、函数进程被杀。",
  ),
  details: text(
    "Prints one table: what happened, and what must be true once everything has settled.",
    "输出一张表：发生了什么，以及一切平静之后必须成立的事。",
  ),
  options: {
    archive: {
      type: "string",
      value: "<count>",
      help: text(
        "archives so many verifications instead, by workers that are killed all the time",
        "改为归档这么多次核身，归档进程不断被杀",
      ),
    },
    minutes: {
      type: "string",
      value: "<number>",
      help: text("how long the load lasts (default 10)", "负载持续的分钟数（默认 10）"),
    },
    seed: {
      type: "string",
      value: "<number>",
      help: text("what chance decides (default: drawn, and printed)", "随机种子（默认抽取并输出）"),
    },
  },
  examples: [
    ["--minutes 2", text("a short one", "短的一次")],
    ["--archive 200", text("whether the archive survives kills", "归档能否经受进程被杀")],
  ],
  exitCodes: [text("everything is right", "一切正确"), text("something is wrong", "有不正确之处")],
  run: async (values) => {
    const minutes = positive(values.minutes, "minutes", 10);
    const seed = positive(values.seed, "seed", Date.now() % 1_000_000);
    printError(`seed ${seed}`);
    if (values.archive === undefined) return runSoak(minutes, seed);
    return runArchiveSoak(positive(values.archive, "archive", 1), seed);
  },
});

process.exitCode = await command.run(process.argv.slice(2));
