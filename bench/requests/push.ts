/**
 * WeChat's pushes at 100 a second, of which the first find no instance: through gateway and function processes. Each is about
 * another verification, which has passed at WeChat, so each asks there and settles.
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Client as Postgres } from "pg";
import * as z from "zod";
import { outSeqNo } from "../../shared/channels/wechat/sequence.ts";
import { type WrittenPush, writePush } from "../../shared/providers/wechat/push/write.ts";
import { somebody } from "../../test/support/people.ts";
import { type Invocation, invokeOnce, median } from "../measure.ts";
import { startWorld, type World } from "../world.ts";
import { type Sent, sendPaced, summaryOf, whileWatching } from "./paced.ts";
import { cpuTimes, machineCpuMs, printCpuTimes } from "./processor-time.ts";
import { post } from "./sender.ts";

const FUNCTION = "wechat-push";
const PER_SECOND = 100;
const DURATION_S = 10;
const MAX_P99_MS = 300;
/** Of single instances, one after another. */
const COLD_START_COUNT = 7;
const LOOK_INTERVAL_MS = 100;
const SHOWN_MS = 2_000;
const OPENID = "mei";

const completedSchema = z.object({ verifyResult: z.string() });
const answerSchema = z.object({ statusCode: z.literal(200), body: z.literal("success") });

type Writer = () => WrittenPush;

interface Look {
  readonly sinceMs: number;
  readonly instances: number;
  /** CPU time of the whole machine. */
  readonly busyMs: number;
}

/** Measures and prints. Answers whether each push has settled its verification; times depend on the machine. */
export async function benchPush(): Promise<boolean> {
  const world = await startWorld({ isWarm: false, env: { WECHAT_FACE_GENERATION: "1" } });
  try {
    const count = PER_SECOND * DURATION_S;
    const writers = await preparePushes(world, count + COLD_START_COUNT);
    await printColdStarts(world, writers.splice(0, COLD_START_COUNT));
    const pool = world.stack.functions.all.get(FUNCTION)?.pool;
    if (pool?.size !== 0) throw new Error("the function has an instance before its first event");
    const looks: Look[] = [];
    const before = cpuTimes(world.stack.localDir);
    const sent = await whileWatching(
      LOOK_INTERVAL_MS,
      (sinceMs) => looks.push({ sinceMs, instances: pool.size, busyMs: machineCpuMs() }),
      () => sendPaced({ perSecond: PER_SECOND, count }, (n) => deliver(world, writers[n])),
    );
    printSteps(sent, looks);
    printCpuTimes(world.stack.localDir, before, count);
    const { p50, p99, most } = summaryOf(sent);
    const instances = Math.max(...looks.map((look) => look.instances));
    const cells = [`${count} in ${DURATION_S} s`, ...[p50, p99, most].map((ms) => ms.toFixed(0)), instances];
    console.log(
      `| pushes | p50 ms | p99 ms (aim: ${MAX_P99_MS}) | most ms | instances |\n|---|---|---|---|---|`,
    );
    console.log(`| ${cells.join(" | ")} |`);
    return await haveAllPassed(world);
  } finally {
    await world.stop();
  }
}

/** Verifications that have passed at WeChat, of which nobody has told us; answers what writes the push about each. */
async function preparePushes(world: World, count: number): Promise<Writer[]> {
  const { settings } = world.stack;
  const writing = {
    mode: "secure",
    format: "json",
    tokens: [settings["WECHAT_PUSH_TOKEN"] ?? ""],
    aesKeys: [settings["WECHAT_PUSH_AES_KEY"] ?? ""],
    appId: settings["WECHAT_APP_ID"] ?? "",
  } as const;
  const writers: Writer[] = [];
  let left = count;
  const work = async () => {
    while (left > 0) {
      left -= 1;
      const { verificationId, start } = await world.issue("wechat", {
        identity: somebody(),
        subject: OPENID,
      });
      const completion = { token: start["userIdKey"], outcome: "passed", openid: OPENID, push: false };
      const { verifyResult } = completedSchema.parse(await world.simulate("/_sim/complete", completion));
      const fields = {
        ToUserName: "gh_sim000000001",
        FromUserName: OPENID,
        CreateTime: Math.floor(Date.now() / 1_000),
        MsgType: "event",
        Event: "face_identify",
        openid: OPENID,
        out_seq_no: outSeqNo(verificationId, 1),
        verify_result: verifyResult,
      };
      writers.push(() => writePush({ ...writing, now: new Date() }, fields));
    }
  };
  await Promise.all(Array.from({ length: 4 }, work));
  return writers;
}

async function deliver({ stack }: World, write: Writer | undefined): Promise<void> {
  if (!write) throw new Error("there are too few pushes");
  const { query, contentType, body } = write();
  const headers = { "content-type": contentType };
  const answer = await post(`${stack.url}/wechat/push?${query}`, { headers, body }, 200);
  if (answer !== "success") throw new Error(`a push was answered ${answer}`);
}

/** One instance alone, from its start to its first answer. */
async function printColdStarts(world: World, writers: readonly Writer[]): Promise<void> {
  const runs: Invocation[] = [];
  for (const write of writers) {
    const { query, contentType, body } = write();
    const event = {
      httpMethod: "POST",
      path: "/wechat/push",
      queryString: Object.fromEntries(query),
      headers: { "content-type": contentType },
      body: body.toString(),
    };
    const file = join(world.distDir, FUNCTION, "index.js");
    const run = await invokeOnce(file, event, world.environment(FUNCTION));
    answerSchema.parse(run.answer);
    runs.push(run);
  }
  const middle = (of: (run: Invocation) => number) => median(runs.map(of)).toFixed(0);
  console.log("| one instance alone | ms | CPU ms |\n|---|---|---|");
  console.log(
    `| from its start to its first answer | ${middle((run) => run.ms)} | ${middle((run) => run.cpuMs)} |`,
  );
  console.log(
    `| of which the bundle | ${middle((run) => run.loadMs)} | ${middle((run) => run.loadCpuMs)} |\n`,
  );
}

/** Where the time of the first pushes goes. */
function printSteps(sent: readonly Sent[], looks: readonly Look[]): void {
  console.log(
    "| ms since the first push | due | of them at most, ms | answered | instances | processors busy |",
  );
  console.log("|---|---|---|---|---|---|");
  for (const [index, from] of looks.entries()) {
    const to = looks[index + 1];
    if (!to || from.sinceMs > SHOWN_MS) break;
    const within = (ms: number) => ms >= from.sinceMs && ms < to.sinceMs;
    const due = sent.filter(({ dueMs }) => within(dueMs));
    const answered = sent.filter(({ dueMs, tookMs }) => within(dueMs + tookMs));
    const busy = (to.busyMs - from.busyMs) / (to.sinceMs - from.sinceMs) / availableParallelism();
    const slowest = Math.max(0, ...due.map(({ tookMs }) => tookMs)).toFixed(0);
    const cells = [from.sinceMs.toFixed(0), due.length, slowest, answered.length, to.instances];
    console.log(`| ${cells.join(" | ")} | ${(100 * busy).toFixed(0)} % |`);
  }
  console.log("");
}

async function haveAllPassed({ stack }: World): Promise<boolean> {
  const database = new Postgres({ connectionString: stack.databaseUrl });
  await database.connect();
  const { rows } = await database.query("select from verification where status <> 'passed'");
  await database.end();
  if (rows.length > 0) console.log(`\n${rows.length} verifications have not passed.`);
  return rows.length === 0;
}
