/** Events for the merchant: written in the transaction of the change that they tell of, delivered by the timer function `deliver`. */
import { and, eq } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import type { EventData, EventType } from "../contract/events.ts";
import type { Database } from "./database.ts";
import { outboundEvent } from "./schema.ts";
import type { Sql, Statement } from "./sql.ts";

/** An event that waits for delivery. */
export type PendingEvent = Pick<
  typeof outboundEvent.$inferSelect,
  "id" | "type" | "data" | "createdAt" | "tries"
>;

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

const leaseStatement: Statement = {
  name: "lease-events",
  text: `
with due as (
  select id from outbound_event where deliver_at <= $1 order by deliver_at limit $2 for update skip locked
), leased as (
  update outbound_event e set deliver_at = $3, tries = e.tries + 1 from due where e.id = due.id
  returning e.id, e.type, e.data, e.created_at as "createdAt", e.tries - 1 as tries
)
select * from leased order by "createdAt", id`,
};

/**
 * Takes events that are due, oldest first, and moves their next try ahead by `leaseSeconds`, so that two runs do not send
 * one event at the same time and a crashed run's events come back by themselves.
 */
export const leaseEvents = (
  sql: Sql,
  now: Date,
  limit: number,
  leaseSeconds: number,
): Promise<PendingEvent[]> =>
  sql.run<PendingEvent>(leaseStatement, [now, limit, new Date(now.getTime() + leaseSeconds * 1000)]);

const deliveredStatement: Statement = {
  name: "mark-delivered",
  text: "update outbound_event set delivered_at = $2, deliver_at = null where id = any($1)",
};

/** Marks events as delivered. */
export async function markDelivered(sql: Sql, ids: readonly string[], now: Date): Promise<void> {
  if (ids.length > 0) await sql.run(deliveredStatement, [ids, now]);
}

/**
 * Puts an event off until `deliverAt`, or gives it up with `null`; it stays in the table for people to see. Does nothing if it
 * was taken again since, or is to be sent again: each lease counts as a try.
 */
export async function postponeEvent(
  db: Database,
  { id, tries }: Pick<PendingEvent, "id" | "tries">,
  deliverAt: Date | null,
): Promise<void> {
  await db
    .update(outboundEvent)
    .set({ deliverAt })
    .where(and(eq(outboundEvent.id, id), eq(outboundEvent.tries, tries + 1)));
}
