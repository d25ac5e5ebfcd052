/** Delivers events to the merchant at least once, each with its id as `webhook-id` so that a receiver can drop repeats. */
import { log } from "../runtime/log.ts";
import type { Database } from "../store/database.ts";
import { leaseEvents, markDelivered, type PendingEvent, postponeEvent } from "../store/outbox.ts";
import { DELIVERY_TIMEOUT_MS, type Receiver, type Reply, sendMessage } from "./send.ts";

/** To the next try, as Standard Webhooks recommends; after the last one an event is given up. */
const RETRY_DELAYS_S = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/** All of them together: none is given up before it is so old, since tries are also used up by instances that died over them. */
const LEAST_AGE_S = RETRY_DELAYS_S.reduce((sum, delay) => sum + delay, 0);
/** To the next try of one that is younger and has none left. */
const FURTHER_DELAY_S = 3_600;
export const BATCH_SIZE = 20;

/** Hears of each try. `nextTryAt` is null after the last one. */
export type ReportTry = (event: PendingEvent, reply: Reply, nextTryAt: Date | null) => void;

/** Where the time and the reports of a run are not those of a function. */
export interface DeliveryOptions {
  readonly report: ReportTry;
  /** The time of the events; signatures have this machine's. */
  readonly now: () => Date;
}

/** How a run went, counted in events. */
export interface DeliveryResult {
  readonly delivered: number;
  /** Not taken by the receiver. */
  readonly undelivered: number;
}

/**
 * Delivers what is due, oldest first, until nothing is or `remainingMs` gets short. Without a receiver the events are kept
 * as they are, for the day when there is one.
 */
export async function deliverEvents(
  db: Database,
  receiver: Receiver | undefined,
  remainingMs: () => number,
  options: DeliveryOptions = { report: logTry, now: () => new Date() },
): Promise<DeliveryResult> {
  let delivered = 0;
  let undelivered = 0;
  while (receiver && remainingMs() > 2 * DELIVERY_TIMEOUT_MS) {
    const due = await leaseEvents(db, options.now(), BATCH_SIZE, (2 * DELIVERY_TIMEOUT_MS) / 1000);
    if (due.length === 0) break;
    const deliveries = due.map((event) => deliverOne(db, receiver, event, options));
    await Promise.allSettled(deliveries); // of one that fails, too: the instance is frozen when the run ends
    const outcomes = await Promise.all(deliveries);
    delivered += outcomes.filter(Boolean).length;
    undelivered += outcomes.filter((outcome) => !outcome).length;
  }
  return { delivered, undelivered };
}

async function deliverOne(
  db: Database,
  receiver: Receiver,
  event: PendingEvent,
  { report, now }: DeliveryOptions,
): Promise<boolean> {
  const reply = await sendMessage(receiver, event);
  if (reply.isTaken) {
    await markDelivered(db, [event.id], now());
    report(event, reply, null);
    return true;
  }
  const nextTryAt = retryAt(event, now());
  await postponeEvent(db, event, nextTryAt);
  report(event, reply, nextTryAt);
  return false;
}

/** When to try again after a try that failed at `now`; `null` after the last one. */
function retryAt({ tries, createdAt }: PendingEvent, now: Date): Date | null {
  const isYoung = now.getTime() - createdAt.getTime() < LEAST_AGE_S * 1000;
  const delay = RETRY_DELAYS_S[tries] ?? (isYoung ? FURTHER_DELAY_S : undefined);
  return delay === undefined ? null : new Date(now.getTime() + delay * 1000);
}

const logTry: ReportTry = (event, reply, nextTryAt) => {
  if (reply.isTaken) return;
  const level = nextTryAt ? "warn" : "error";
  log[level](
    { event: event.id, type: event.type, tries: event.tries + 1, trouble: reply.trouble },
    "an event was not delivered",
  );
};
