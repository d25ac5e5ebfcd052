/**
 * Token creation in this process, against what it cannot do without: the bare SDK's call, and one commit that reaches the disk.
 * In turn, on the same simulator and the same PostgreSQL. Round trips to PostgreSQL are counted apart, through a proxy.
 */
import { randomUUID } from "node:crypto";
import { Client as Postgres } from "pg";
import { Client as FaceId } from "tencentcloud-sdk-nodejs/tencentcloud/services/faceid/v20180301/faceid_client.js";
import * as z from "zod";
import { transport } from "../../shared/providers/tencent-cloud/transport.ts";
import { startDatabaseProxy } from "../../test/support/database-proxy.ts";
import { type Cost, measureOnce, quantile } from "../measure.ts";
import { startWorld, type World } from "../world.ts";
import { loadFunctions, type Send } from "./in-process.ts";

const WARM_UP_COUNT = 500;
const CALL_COUNT = 1_000;
const COUNTED_CALLS = 5;
/** Above the bare call and one commit. */
const MAX_ADDED_MS = 1.5;
const MAX_CPU_MS = 2.8;

const BY_BACKEND = "creation by a backend";
const BY_USER = "creation with user, identity and key";

/** Round trips at most. They do not depend on the machine. */
const MAX_ROUND_TRIPS: ReadonlyMap<string, number> = new Map([
  [BY_BACKEND, 2],
  [BY_USER, 2],
  ["finish, still pending", 2],
  ["finish, passed", 3],
]);

const issuedSchema = z.object({ verificationId: z.string(), start: z.object({ bizToken: z.string() }) });
const finishedSchema = z.object({ status: z.string() });

/** Measures and prints. Answers whether no request makes more round trips than it should. */
export async function benchCreation(): Promise<boolean> {
  const world = await startWorld();
  try {
    const roundTrips = await countRoundTrips(world);
    console.log((await timesOf(world)).join("\n"));
    console.log("\n| request | round trips to PostgreSQL | aim, at most |\n|---|---|---|");
    for (const [name, most] of MAX_ROUND_TRIPS)
      console.log(`| ${name} | ${roundTrips.get(name)} | ${most} |`);
    return [...MAX_ROUND_TRIPS].every(([name, most]) => (roundTrips.get(name) ?? Number.NaN) <= most);
  } finally {
    await world.stop();
  }
}

/** The two ways to create. */
function creations({ stack }: World, send: Send) {
  const create = async (sent: Parameters<Send>[2]) =>
    issuedSchema.parse(await send("token-mini-program", "/tokens/mini-program", sent));
  const identity = { name: "测试甲", idCardNumber: "11010119900307002X" };
  return {
    byBackend: () => create({ bearer: stack.tokens.backend }),
    byUser: () =>
      create({
        bearer: stack.tokens.user,
        body: { identity },
        headers: { "idempotency-key": randomUUID() },
      }),
  };
}

/** The most round trips that a warm instance has made, by request. */
async function countRoundTrips(world: World): Promise<ReadonlyMap<string, number>> {
  const proxy = await startDatabaseProxy(world.stack.databaseUrl);
  const most = new Map<string, number>();
  const counted = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const before = proxy.roundTrips;
    const answer = await work();
    most.set(name, Math.max(most.get(name) ?? 0, proxy.roundTrips - before));
    return answer;
  };
  try {
    const send = loadFunctions(world, ["token-mini-program", "verification"], { DATABASE_URL: proxy.url });
    const { byBackend, byUser } = creations(world, send);
    const bearer = world.stack.tokens.backend;
    const finish = async (id: string, wanted: string) => {
      const { status } = finishedSchema.parse(
        await send("verification", `/verifications/${id}/finish`, { bearer }),
      );
      if (status !== wanted) throw new Error(`a verification is ${status} instead of ${wanted}`);
    };
    const created = await byBackend();
    await finish(created.verificationId, "pending"); // both have their connections now
    for (let n = 0; n < COUNTED_CALLS; n += 1) {
      const { verificationId } = await counted(BY_BACKEND, byBackend);
      await counted("finish, still pending", () => finish(verificationId, "pending"));
      const { verificationId: other, start } = await counted(BY_USER, byUser);
      await world.simulate("/_sim/complete", { token: start.bizToken, outcome: "passed" });
      await counted("finish, passed", () => finish(other, "passed"));
    }
  } finally {
    await proxy.close();
  }
  return most;
}

/** The table of times. */
async function timesOf(world: World): Promise<string[]> {
  const database = new Postgres({ connectionString: world.stack.databaseUrl });
  await database.connect();
  try {
    await database.query("create table bench_commit (at timestamptz not null)");
    const simulator = new URL(world.stack.simulatorUrl);
    const sdk = new FaceId({
      credential: { secretId: "sim-secret-id", secretKey: "sim-secret-key" },
      profile: { httpProfile: transport(60, { host: simulator.hostname, port: Number(simulator.port) }) },
    });
    const { byBackend, byUser } = creations(world, loadFunctions(world, ["token-mini-program"]));
    const calls = [
      () => sdk.DetectAuth({ RuleId: "sim-rule-mini-program", Extra: "bench" }),
      () => database.query("insert into bench_commit values (now())"),
      byBackend,
      byUser,
    ];
    const costs: Cost[][] = calls.map(() => []);
    for (let n = -WARM_UP_COUNT; n < CALL_COUNT; n += 1) {
      for (const [index, call] of calls.entries()) {
        const cost = await measureOnce(call);
        if (n >= 0) costs[index]?.push(cost);
      }
    }
    return tableOf(["bare SDK", "one commit", BY_BACKEND, BY_USER], costs);
  } finally {
    await database.end();
  }
}

/** The first two rows are what all others are compared with. */
function tableOf(names: readonly string[], costs: readonly (readonly Cost[])[]): string[] {
  const p50s = costs.map((all) =>
    quantile(
      all.map(({ ms }) => ms),
      0.5,
    ),
  );
  // The mean, because garbage of one call is collected in another one.
  const cpus = costs.map((all) => all.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / all.length);
  const [bareMs = Number.NaN, commitMs = Number.NaN] = p50s;
  const [bareCpuMs = Number.NaN] = cpus;
  const rows = names.map((name, index) => {
    const [p50 = Number.NaN, cpu = Number.NaN] = [p50s[index], cpus[index]];
    const added = index < 2 ? "" : (p50 - bareMs - commitMs).toFixed(2);
    return `| ${[name, p50.toFixed(2), added, cpu.toFixed(2), (cpu / bareCpuMs).toFixed(1)].join(" | ")} |`;
  });
  return [
    `| ${CALL_COUNT} calls each, in turn | p50 ms | above SDK and commit (aim: ${MAX_ADDED_MS}) | own CPU ms (aim: ${MAX_CPU_MS}) | to the SDK's |`,
    "|---|---|---|---|---|",
    ...rows,
  ];
}
