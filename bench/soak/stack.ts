/** What every soak runs against: a stack of its own without timers, a receiver of its events, and a look into its database. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "pg";
import { startStack } from "../../local/stack.ts";
import { SoakClient } from "./client.ts";
import type { Random } from "./random.ts";
import { type EventReceiver, startReceiver } from "./receiver.ts";

/** Timers come more often than each minute, so that more of them meet trouble. */
const TIMER_PAUSE_MS = 3_000;
const NO_LIMIT = "999999/1d";

/** A running stack with what a soak needs beside it. */
export interface SoakStack {
  readonly client: SoakClient;
  /** Connections of the soak itself; they may break as any other. */
  readonly pool: Pool;
  readonly receiver: EventReceiver;
}

/** Starts one, does the work, and leaves nothing behind. `refusals` decides which events the receiver refuses. */
export async function withSoakStack<T>(refusals: Random, work: (soak: SoakStack) => Promise<T>): Promise<T> {
  const localDir = mkdtempSync(join(tmpdir(), "zhenren-soak-"));
  const receiver = await startReceiver(refusals);
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
    return await work({ client, pool, receiver });
  } finally {
    await pool.end();
    await stack.stop();
    receiver.close();
    rmSync(localDir, { recursive: true, force: true });
  }
}

/** Runs each of the timers again and again until it is over. */
export async function runTimers(
  client: SoakClient,
  timers: readonly string[],
  isOver: () => boolean,
): Promise<void> {
  const again = async (name: string) => {
    while (!isOver()) {
      await client.timer(name);
      await sleep(TIMER_PAUSE_MS);
    }
  };
  await Promise.all(timers.map(again));
}
