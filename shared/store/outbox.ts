/** Events for the merchant: written in the transaction of the change that they tell of, delivered by the timer function `deliver`. */
import { and, asc, eq, inArray, isNotNull, lte, sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import type { EventData, EventType } from "../contract/events.ts";
import type { Database } from "./database.ts";
import { outboundEvent } from "./schema.ts";

/** An event that waits for delivery. */
export type PendingEvent = typeof outboundEvent.$inferSelect;

/** Writes an event; give it the transaction of the change. `data` never holds personal data. */
export async function enqueueEvent<Type extends EventType>(
  db: Database,
  type: Type,
  data: EventData<Type>,
  now: Date,
): Promise<void> {
  await enqueueEvents(db, type, [data], now);
}

/** Writes several events of one type at once. */
export async function enqueueEvents<Type extends EventType>(
  db: Database,
  type: Type,
  data: readonly EventData<Type>[],
  now: Date,
): Promise<void> {
  if (data.length === 0) return;
  await db
    .insert(outboundEvent)
    .values(
      data.map((each) => ({ id: `evt_${uuidv7()}`, type, data: each, createdAt: now, deliverAt: now })),
    );
}

/**
 * Takes events that are due, oldest first, and moves their next try ahead by `leaseSeconds`, so that two runs do not send
 * one event at the same time and a crashed run's events come back by themselves.
 */
export async function leaseEvents(
  db: Database,
  now: Date,
  limit: number,
  leaseSeconds: number,
): Promise<PendingEvent[]> {
  return db.transaction(async (tx) => {
    const due = await tx
      .select()
      .from(outboundEvent)
      .where(and(isNotNull(outboundEvent.deliverAt), lte(outboundEvent.deliverAt, now)))
      .orderBy(asc(outboundEvent.deliverAt))
      .limit(limit)
      .for("update", { skipLocked: true });
    const ids = due.map(({ id }) => id);
    if (ids.length > 0) {
      await tx
        .update(outboundEvent)
        .set({
          deliverAt: new Date(now.getTime() + leaseSeconds * 1000),
          tries: sql`${outboundEvent.tries} + 1`,
        })
        .where(inArray(outboundEvent.id, ids));
    }
    return due;
  });
}

/** Marks an event as delivered. */
export async function markDelivered(db: Database, id: string, now: Date): Promise<void> {
  await db.update(outboundEvent).set({ deliveredAt: now, deliverAt: null }).where(eq(outboundEvent.id, id));
}

/** Puts an event off until `deliverAt`, or gives it up with `null`; it stays in the table for people to see. */
export async function postponeEvent(db: Database, id: string, deliverAt: Date | null): Promise<void> {
  await db.update(outboundEvent).set({ deliverAt }).where(eq(outboundEvent.id, id));
}
