/** What a soak does to the stack: one thing after another, at moments that chance chooses. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "pg";
import * as z from "zod";
import { killInstances } from "../../test/support/kill.ts";
import { whileDatabaseStands } from "../../test/support/stopped-database.ts";
import type { SoakClient } from "./client.ts";
import type { Random } from "./random.ts";

const KINDS = ["standstill", "restart", "cut", "kill", "provider", "provider", "provider"] as const;
/** What may befall a call to a provider. */
export const FAULTS = ["timeout", "reset", "after-effect", "http-500", "bad-json", "rate-limit"] as const;

/** Between two troubles, in milliseconds. */
const CALM_MS = { from: 1_000, to: 8_000 } as const;
/** Up to longer than a query may take. */
const STANDSTILL_MS = { from: 500, to: 10_000 } as const;

/** How often each kind happened. */
export type TroubleCounts = Record<(typeof KINDS)[number], number>;

interface Victims {
  readonly client: SoakClient;
  /** Connections of the soak itself; they may break as any other. */
  readonly pool: Pool;
  readonly functions: readonly [string, ...string[]];
  readonly apis: readonly [string, ...string[]];
}

/** Takes the server away for up to two seconds. */
export async function restartDatabase({ stack: { database } }: SoakClient, random: Random): Promise<void> {
  await database.stop();
  await sleep(random.between(0, 2_000));
  await database.start();
}

/** The names of all APIs of the simulator. */
export async function apisOf(client: SoakClient): Promise<string[]> {
  return Object.keys(z.record(z.string(), z.number()).parse(await client.simulate("GET", "calls")));
}

async function cause(kind: keyof TroubleCounts, random: Random, victims: Victims): Promise<void> {
  const { client, pool } = victims;
  const { localDir } = client.stack;
  if (kind === "standstill") {
    const ms = random.between(STANDSTILL_MS.from, STANDSTILL_MS.to);
    await whileDatabaseStands(localDir, () => sleep(ms));
  } else if (kind === "restart") {
    await restartDatabase(client, random);
  } else if (kind === "cut") {
    const cut = `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and pid % 2 = $1`;
    await pool.query(cut, [random.between(0, 1)]).catch(() => {});
  } else if (kind === "kill") {
    const name = random.pick(victims.functions);
    client.noteKill(name);
    killInstances(localDir, name);
    client.noteKill(name);
  } else {
    const fault = { api: random.pick(victims.apis), kind: random.pick(FAULTS), count: random.between(1, 3) };
    await client.simulate("POST", "faults", fault);
  }
}

/** Causes trouble until it is over; the database runs and no fault waits when this returns. */
export async function runTrouble(
  client: SoakClient,
  pool: Pool,
  random: Random,
  isOver: () => boolean,
): Promise<TroubleCounts> {
  const counts: TroubleCounts = { standstill: 0, restart: 0, cut: 0, kill: 0, provider: 0 };
  const [api = "", ...apis] = await apisOf(client);
  const [name = "", ...names] = client.stack.functions.all.keys();
  const victims: Victims = { client, pool, functions: [name, ...names], apis: [api, ...apis] };
  while (!isOver()) {
    await sleep(random.between(CALM_MS.from, CALM_MS.to));
    const kind = random.pick(KINDS);
    await cause(kind, random, victims);
    counts[kind] += 1;
  }
  await client.simulate("DELETE", "faults");
  return counts;
}
