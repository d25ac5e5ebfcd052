/** Events for the merchant: written in the transaction of the change that they tell of, delivered by `reconcile`. */
import { and, asc, eq, isNotNull, isNull, lt, lte } from "drizzle-orm";
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
  await db
    .insert(outboundEvent)
    .values({ id: `evt_${uuidv7()}`, type, data, createdAt: now, deliverAt: now });
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
    for (const event of due) {
      await tx
        .update(outboundEvent)
        .set({ deliverAt: new Date(now.getTime() + leaseSeconds * 1000), tries: event.tries + 1 })
        .where(eq(outboundEvent.id, event.id));
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

/** Removes events that were delivered or given up before `before`. Returns how many. */
export async function sweepOutbox(db: Database, before: Date): Promise<number> {
  const swept = await db
    .delete(outboundEvent)
    .where(and(isNull(outboundEvent.deliverAt), lt(outboundEvent.createdAt, before)))
    .returning({ id: outboundEvent.id });
  return swept.length;
}
