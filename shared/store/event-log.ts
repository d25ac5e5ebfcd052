/** The events as people look after them: which there are, how far each is, and sending some again. */
import { and, count, desc, eq, gte, isNotNull, isNull, lt, min, type SQL, sql } from "drizzle-orm";
import type { DELIVERY_STATES } from "../contract/console.ts";
import type { Database } from "./database.ts";
import { outboundEvent } from "./schema.ts";

/** An event as stored: what it tells, and how its delivery goes. */
export type StoredEvent = typeof outboundEvent.$inferSelect;

/** How far an event is. */
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** Which events are looked for. */
export interface EventFilter {
  readonly type?: string;
  readonly state?: DeliveryState;
  readonly limit: number;
}

const inState = {
  waiting: isNotNull(outboundEvent.deliverAt),
  delivered: isNotNull(outboundEvent.deliveredAt),
  given_up: and(isNull(outboundEvent.deliverAt), isNull(outboundEvent.deliveredAt)),
} as const satisfies Record<DeliveryState, SQL | undefined>;

/** How far an event is. */
export const stateOf = ({
  deliverAt,
  deliveredAt,
}: Pick<StoredEvent, "deliverAt" | "deliveredAt">): DeliveryState =>
  deliveredAt ? "delivered" : deliverAt ? "waiting" : "given_up";

/** The events that match, newest first. */
export const listEvents = (db: Database, { type, state, limit }: EventFilter): Promise<StoredEvent[]> =>
  db
    .select()
    .from(outboundEvent)
    .where(
      and(type === undefined ? undefined : eq(outboundEvent.type, type), state ? inState[state] : undefined),
    )
    .orderBy(desc(outboundEvent.id))
    .limit(limit);

/** The event with this id. */
export async function findEvent(db: Database, id: string): Promise<StoredEvent | undefined> {
  const [event] = await db.select().from(outboundEvent).where(eq(outboundEvent.id, id));
  return event;
}

/** Makes events due at `now` with all their tries, delivered ones too. Answers how many. */
export async function resendEvents(
  db: Database,
  which: { readonly id: string } | { readonly since: Date },
  now: Date,
): Promise<number> {
  const { rowCount } = await db
    .update(outboundEvent)
    .set({ deliverAt: now, deliveredAt: null, tries: 0 })
    .where("id" in which ? eq(outboundEvent.id, which.id) : gte(outboundEvent.createdAt, which.since));
  return rowCount ?? 0;
}

/** Events that have waited long: how many, and since when. */
export interface LateEvents {
  readonly count: number;
  readonly oldestCreatedAt: Date | null;
  /** Whether some were tried, so that there is, or was, a receiver. */
  readonly wereTried: boolean;
}

/** The events made before a moment that still wait. */
export async function lateEvents(db: Database, before: Date): Promise<LateEvents> {
  const [late] = await db
    .select({
      count: count(),
      oldestCreatedAt: min(outboundEvent.createdAt),
      wereTried: sql<boolean>`coalesce(bool_or(${outboundEvent.tries} > 0), false)`,
    })
    .from(outboundEvent)
    .where(and(inState.waiting, lt(outboundEvent.createdAt, before)));
  return late ?? { count: 0, oldestCreatedAt: null, wereTried: false };
}
