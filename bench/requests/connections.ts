/** How many connections to PostgreSQL 100 tokens a second take, through gateway and function processes. */
import { Client as Postgres } from "pg";
import { startWorld } from "../world.ts";
import { sendPaced, summaryOf, whileWatching } from "./paced.ts";
import { cpuTimes, printCpuTimes } from "./processor-time.ts";
import { post } from "./sender.ts";

const FUNCTION = "token-mini-program";
const PER_SECOND = 100;
const DURATION_S = 20;
const MAX_CONNECTIONS = 60;
const LOOK_INTERVAL_MS = 100;

interface Sessions {
  readonly application: string;
  readonly state: string;
  readonly count: number;
}

/** Measures and prints. Answers whether there were no more than instances. */
export async function benchConnections(): Promise<boolean> {
  const world = await startWorld({ isWarm: false });
  const database = new Postgres({ connectionString: world.stack.databaseUrl });
  await database.connect();
  try {
    const pool = world.stack.functions.all.get(FUNCTION)?.pool;
    const most = new Map<string, number>();
    const note = (name: string, count: number) => most.set(name, Math.max(most.get(name) ?? 0, count));
    const look = async () => {
      const { rows } = await database.query<Sessions>(
        `select application_name as application, coalesce(state, '') as state, count(*)::int from pg_stat_activity
         where backend_type = 'client backend' and pid <> pg_backend_pid() group by 1, 2`,
      );
      note(
        "all",
        rows.reduce((sum, { count }) => sum + count, 0),
      );
      for (const { application, state, count } of rows)
        note(`${application || "(no name)"}, ${state}`, count);
      note("instances", pool?.size ?? Number.NaN);
    };
    const { localDir, url, tokens } = world.stack;
    const headers = { authorization: `Bearer ${tokens.backend}`, "content-type": "application/json" };
    const create = () => post(`${url}/tokens/mini-program`, { headers, body: "{}" }, 201);
    const [begun, before] = [performance.now(), cpuTimes(localDir)];
    const count = PER_SECOND * DURATION_S;
    const sent = await whileWatching(LOOK_INTERVAL_MS, look, () =>
      sendPaced({ perSecond: PER_SECOND, count }, create),
    );
    const perSecond = (1_000 * count) / (performance.now() - begun);
    const { p50, p99 } = summaryOf(sent);
    console.log(
      `${perSecond.toFixed(0)} tokens a second; p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms.\n`,
    );
    printCpuTimes(localDir, before, count);
    console.log(`| connections (aim: ${MAX_CONNECTIONS}) | most at once |\n|---|---|`);
    for (const [name, peak] of most) console.log(`| ${name} | ${peak} |`);
    return (most.get("all") ?? Number.NaN) <= (most.get("instances") ?? Number.NaN);
  } finally {
    await database.end();
    await world.stop();
  }
}
