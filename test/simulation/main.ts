/** `npm run simulation`: whole histories of the bundle in virtual time, with faults at every call, judged by an independent model. */
import { join } from "node:path";
import { defineCommand, print, printError, UsageError } from "../../tools/cli/command.ts";
import { text } from "../../tools/language/index.ts";
import type { WorldResult } from "./history.ts";
import { runPlanted } from "./planted-run.ts";
import { openServer, runWorker, type Server } from "./workers.ts";

const root = join(import.meta.dirname, "../..");
/** One per core of the machine that the figures are of. */
const WORKER_COUNT = 2;
/** Of worlds. */
const PROGRESS_EVERY = 50;
/** Histories that share a world: what timers ask of the database whether anything is due or not is then asked for all of them at once. */
const SIDE_BY_SIDE = 20;

function count(value: string | undefined, name: string, fallback: number): number {
  if (value === undefined) return fallback;
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new UsageError(`--${name} is a number from 1 on.`);
  return Number(value);
}

interface Range {
  readonly seed: number;
  readonly worlds: number;
  /** In each world. */
  readonly histories: number;
  readonly workers: number;
  readonly trace: boolean;
}

async function simulate(server: Server, { seed, worlds, histories, workers, trace }: Range): Promise<number> {
  const results: WorldResult[] = [];
  const beganAt = performance.now();
  const onResult = (result: WorldResult) => {
    results.push(result);
    for (const problem of result.problems) print(`seed ${result.seed}: ${problem}`);
    if (trace) print(`seed ${result.seed}: ${result.traceHash}`);
    if (results.length % PROGRESS_EVERY === 0)
      printError(`${results.length * histories}/${worlds * histories}`);
  };
  await Promise.all(
    Array.from({ length: Math.min(workers, worlds) }, async (_, index) =>
      runWorker({
        root,
        databaseUrl: await server.makeDatabase(),
        first: seed + index,
        step: workers,
        count: Math.ceil((worlds - index) / workers),
        histories,
        trace: trace && worlds === 1,
        onResult,
        onLine: print,
      }),
    ),
  );
  const broken = results.filter(({ problems }) => problems.length > 0).length;
  const sum = (of: (result: WorldResult) => number) =>
    results.reduce((total, result) => total + of(result), 0);
  const fates = new Map<string, number>();
  for (const result of results) {
    for (const [fate, times] of Object.entries(result.fates)) fates.set(fate, (fates.get(fate) ?? 0) + times);
  }
  print(
    `${sum((each) => each.histories)} histories in ${results.length} worlds, with ${sum((each) => each.verifications)} tokens and ` +
      `${sum((each) => each.statements)} statements in ${((performance.now() - beganAt) / 1000).toFixed(1)} s; ` +
      `faults: ${[...fates].map(([fate, times]) => `${times} × ${fate}`).join(", ")}; ${broken} worlds broken.`,
  );
  return broken === 0 && results.length === worlds ? 0 : 1;
}

const command = defineCommand({
  name: "simulation",
  summary: text(
    "Runs random histories of the whole bundle in virtual time, with faults at every call, and checks what must always be true.",
    "在虚拟时间中运行整套函数的随机历史，每次调用都可能出故障，并检查必须始终成立的事。",
  ),
  details: text(
    "Each history covers three days with one to four verifications; 20 at a time share a world. The same seed and number give the same world.",
    "每段历史为三天，含一到四次核身；每 20 段同处一个世界。种子与数量相同，得到的世界也相同。",
  ),
  options: {
    histories: {
      type: "string",
      value: "<count>",
      help: text(
        "how many; above 20 in steps of 20 (default 100)",
        "多少段；超过 20 时以 20 为单位（默认 100）",
      ),
    },
    seed: {
      type: "string",
      value: "<number>",
      help: text("that of the first world (default 1)", "第一个世界的种子（默认 1）"),
    },
    workers: {
      type: "string",
      value: "<count>",
      help: text("processes at once (default 2)", "同时运行的进程数（默认 2）"),
    },
    trace: {
      type: "boolean",
      help: text(
        "prints the hash of each world, and everything that happens if it is only one",
        "输出每个世界的哈希；只有一个时输出发生的一切",
      ),
    },
    planted: {
      type: "boolean",
      help: text(
        "plants known bugs in a copy, one at a time, and says how many histories found each",
        "在副本中逐一植入已知缺陷，并给出发现每个缺陷所需的历史数",
      ),
    },
  },
  examples: [
    ["--histories 10000", text("a long run", "一次长时间运行")],
    ["--histories 20 --seed 7 --trace", text("one world again, step by step", "逐步重放一个世界")],
    ["--planted", text("whether the simulation finds what it should", "模拟能否发现应发现的缺陷")],
  ],
  exitCodes: [
    text("nothing was broken, or every planted bug was found", "没有违反，或每个植入的缺陷都被发现"),
    text("something was broken, or a planted bug was not found", "有违反，或有植入的缺陷未被发现"),
  ],
  run: async ({ histories, seed, workers, trace, planted }) => {
    const wanted = count(histories, "histories", planted ? 400 : 100);
    const range = {
      seed: count(seed, "seed", 1),
      worlds: Math.ceil(wanted / SIDE_BY_SIDE),
      histories: Math.min(wanted, SIDE_BY_SIDE),
      workers: count(workers, "workers", WORKER_COUNT),
      trace: trace === true,
    };
    const server = await openServer(process.env["SIMULATION_SERVER_URL"]);
    try {
      return await (planted ? runPlanted(server, root, range) : simulate(server, range));
    } finally {
      await server.stop();
    }
  },
});

process.exitCode = await command.run(process.argv.slice(2));
