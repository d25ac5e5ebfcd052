/**
 * Heartbeats of the timer functions, so that one that stopped is noticed by the others. Times are the database's own: the
 * clock of an instance may be wrong, and the local stack moves it on purpose.
 */
import { and, isNull, sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { heartbeat } from "./schema.ts";

const inMs = (milliseconds: number) => sql`now() + make_interval(secs => ${milliseconds / 1000})`;

/** Records that a timer function runs now, and by when its next run is expected at the latest. */
export async function recordHeartbeat(db: Database, timer: string, expectedWithinMs: number): Promise<void> {
  const values = { at: sql`now()`, expectedBy: inMs(expectedWithinMs), alarmedAt: null };
  await db
    .insert(heartbeat)
    .values({ timer, ...values })
    .onConflictDoUpdate({ target: heartbeat.timer, set: values });
}

/** How long ago a timer function ran, and whether its next run is overdue. */
export interface Heartbeat {
  readonly timer: string;
  readonly secondsAgo: number;
  readonly isOverdue: boolean;
}

/** Every timer function that has ever run. */
export const readHeartbeats = (db: Database): Promise<Heartbeat[]> =>
  db
    .select({
      timer: heartbeat.timer,
      secondsAgo: sql<number>`extract(epoch from now() - ${heartbeat.at})::int`,
      isOverdue: sql<boolean>`${heartbeat.expectedBy} < now()`,
    })
    .from(heartbeat)
    .orderBy(heartbeat.timer);

/** Marks timers whose next run is overdue as alarmed and returns their names; each one once until it runs again. */
export async function markStoppedTimers(db: Database): Promise<string[]> {
  const stopped = await db
    .update(heartbeat)
    .set({ alarmedAt: sql`now()` })
    .where(and(isNull(heartbeat.alarmedAt), sql`${heartbeat.expectedBy} < now()`))
    .returning({ timer: heartbeat.timer });
  return stopped.map(({ timer }) => timer);
}
