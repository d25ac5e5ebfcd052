/** `npm run soak`: the whole stack under steady load while its database, its provider and its processes fail at random. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "pg";
import { startStack } from "../../local/stack.ts";
import { defineCommand, print, printError, UsageError } from "../../tools/cli/command.ts";
import { text } from "../../tools/language/index.ts";
import { SoakClient } from "./client.ts";
import { runLoad, type SoakFlow } from "./load.ts";
import { seededRandom } from "./random.ts";
import { startReceiver } from "./receiver.ts";
import { type Check, checkAll, settleDown } from "./settle-down.ts";
import { runTrouble, type TroubleCounts } from "./trouble.ts";

const PEOPLE = 4;
const PAUSE_MS = 1_000;
/** Timers come more often than each minute, so that more of them meet trouble. */
const TIMER_PAUSE_MS = 3_000;
const TIMERS = ["reconcile", "deliver", "maintain", "archive"];
const NO_LIMIT = "999999/1d";

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
  const localDir = mkdtempSync(join(tmpdir(), "zhenren-soak-"));
  const receiver = await startReceiver(seededRandom(seed + 2));
  const env = {
    LIMIT_PER_OWNER: NO_LIMIT,
    LIMIT_PER_PERSON: NO_LIMIT,
    WECHAT_FACE_IMAGE: "true", // so that there is evidence in every channel
    WEBHOOK_URL: receiver.url,
    WEBHOOK_SECRET: receiver.secret,
  };
  const stack = await startStack({ localDir, port: 0, simulatorPort: 0, env, timers: false });
  const pool = new Pool({ connectionString: stack.databaseUrl, max: 2, application_name: "soak" });
  pool.on("error", () => {}); // it is cut as everybody else's
  try {
    const client = new SoakClient(stack);
    await client.simulate("POST", "wechat/permissions", { getimage: true });
    const end = performance.now() + minutes * 60_000;
    const isOver = () => performance.now() > end;
    const timers = TIMERS.map(async (name) => {
      while (!isOver()) {
        await client.timer(name);
        await sleep(TIMER_PAUSE_MS);
      }
    });
    const [{ flows, turnedAway }, trouble] = await Promise.all([
      runLoad(client, seededRandom(seed), { people: PEOPLE, pauseMs: PAUSE_MS, isOver }),
      runTrouble(client, pool, seededRandom(seed + 1), isOver),
      ...timers,
    ]);
    printError("The load has ended; waiting until everything is settled, delivered and archived.");
    await settleDown(client, pool, flows);
    const checks = await checkAll(client, pool, flows, receiver);
    return { flows, turnedAway, trouble, checks, client, repeated: receiver.counts.repeated };
  } finally {
    await pool.end();
    await stack.stop();
    receiver.close();
    rmSync(localDir, { recursive: true, force: true });
  }
}

function tableOf(minutes: number, seed: number, result: SoakResult): string[] {
  const { flows, client, trouble } = result;
  const { answered, unavailable, cutByKill } = client.counts;
  const by = (channel: string) => flows.filter((flow) => flow.channel === channel).length;
  const channels = [...new Set(flows.map(({ channel }) => channel))].sort();
  const rows: (readonly [string, string, string])[] = [
    ["minutes, seed", `${minutes}, ${seed}`, ""],
    ["verifications", channels.map((channel) => `${by(channel)} ${channel}`).join(", "), ""],
    ["people who got no token in 15 tries", String(result.turnedAway), ""],
    ["answers below 500", String(answered), ""],
    ["answers 503 in our own words", String(unavailable), ""],
    ["answers cut by a kill", String(cutByKill), ""],
    [
      "trouble",
      Object.entries(trouble)
        .map(([kind, times]) => `${times} ${kind}`)
        .join(", "),
      "",
    ],
    ["events that came more than once", String(result.repeated), ""],
    ...result.checks.map(({ name, found, verdict }) => [name, found, verdict] as const),
  ];
  return ["| what | found | |", "|---|---|---|", ...rows.map((cells) => `| ${cells.join(" | ")} |`)];
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
  examples: [["--minutes 2", text("a short one", "短的一次")]],
  exitCodes: [text("everything is right", "一切正确"), text("something is wrong", "有不正确之处")],
  run: async (values) => {
    const minutes = positive(values.minutes, "minutes", 10);
    const seed = positive(values.seed, "seed", Date.now() % 1_000_000);
    printError(`seed ${seed}`);
    const result = await soak(minutes, seed);
    for (const line of tableOf(minutes, seed, result)) print(line);
    const { platform, faults } = result.client.counts;
    for (const line of [...platform, ...faults]) printError(line);
    return result.checks.some(({ verdict }) => verdict === "WRONG") ? 1 : 0;
  },
});

process.exitCode = await command.run(process.argv.slice(2));
