/**
 * The calls per second that a provider allows an account, shared by all timer functions through the store: a row per API
 * says until when its calls are given away, by the database's clock. What a person waits for is asked without it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { callBudget as table } from "./schema.ts";

/**
 * What timers take of the 100 calls a second of one API and account (Tencent doc 1007/41957): the rest is for people, who ask without
 * the budget, some 20 times a second where 26 tokens are issued.
 */
export const TIMER_CALLS_PER_SECOND = 75;
/**
 * How many calls a run gets at once, so that the row is not written for each. Runs wait for them in one line: more for settling, so that
 * where calls are short it does not wait behind the many runs of the archive.
 */
export const CALLS_PER_GRANT = { settling: 20, archiving: 5 } as const;
/** For how long nobody asks once the provider has said that it was too often. */
const PAUSE_MS = 1_000;

/** Gives calls away. */
export interface CallBudget {
  /** Waits until one more call of this API may be made. False, and no call may be made, if the signal aborts before. */
  take(api: string, signal: AbortSignal): Promise<boolean>;
  /** The provider has refused a call because there were too many: all runs pause. */
  pause(api: string): Promise<void>;
}

/** Gives `calls` of an API away, `perSecond`, and answers in how many milliseconds the first may be made. */
export async function grantCalls(
  db: Database,
  api: string,
  calls: number,
  perSecond: number,
): Promise<number> {
  const takes = sql`make_interval(secs => ${calls / perSecond})`;
  const [row] = await db
    .insert(table)
    .values({ api, nextAt: sql`clock_timestamp() + ${takes}` })
    .onConflictDoUpdate({
      target: table.api,
      set: { nextAt: sql`greatest(${table.nextAt}, clock_timestamp()) + ${takes}` },
    })
    .returning({ waitS: sql<string>`extract(epoch from (${table.nextAt} - ${takes} - clock_timestamp()))` });
  return Math.max(0, Number(row?.waitS ?? 0) * 1_000);
}

/** Keeps all runs from an API for so long. */
export async function holdCalls(db: Database, api: string, ms: number): Promise<void> {
  const until = sql`clock_timestamp() + make_interval(secs => ${ms / 1_000})`;
  await db
    .insert(table)
    .values({ api, nextAt: until })
    .onConflictDoUpdate({ target: table.api, set: { nextAt: sql`greatest(${table.nextAt}, ${until})` } });
}

/** Calls that were given to a run. */
interface Grant {
  /** By `performance.now()`. */
  readonly startsAtMs: number;
  left: number;
}

/** The budget as one run sees it. */
export function callBudget(
  db: Database,
  perSecond = TIMER_CALLS_PER_SECOND,
  callsPerGrant: number = CALLS_PER_GRANT.archiving,
): CallBudget {
  /** The grant that calls are taken from, by API; all that wait for it share it. */
  const grants = new Map<string, Promise<Grant>>();
  const ask = async (api: string): Promise<Grant> => {
    const waitMs = await grantCalls(db, api, callsPerGrant, perSecond);
    return { startsAtMs: performance.now() + waitMs, left: callsPerGrant };
  };
  const reserve = async (api: string): Promise<Grant> => {
    for (;;) {
      const current = grants.get(api) ?? ask(api);
      grants.set(api, current);
      const grant = await current.catch((error: unknown) => {
        grants.delete(api);
        throw error;
      });
      if (grant.left > 0) {
        grant.left -= 1;
        return grant;
      }
      if (grants.get(api) === current) grants.delete(api);
    }
  };
  return {
    async take(api, signal) {
      const grant = await reserve(api);
      const waitMs = grant.startsAtMs - performance.now();
      if (waitMs <= 1) return true;
      try {
        await sleep(waitMs, undefined, { signal });
        return true;
      } catch {
        grant.left += 1;
        return false;
      }
    },
    async pause(api) {
      grants.delete(api);
      await holdCalls(db, api, PAUSE_MS);
    },
  };
}
