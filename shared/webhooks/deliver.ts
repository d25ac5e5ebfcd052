/**
 * Delivers events to the merchant as Standard Webhooks (standardwebhooks.com): signed, at least once, with the event's id
 * as `webhook-id` so that a receiver can drop repeats.
 */
import { Webhook } from "standardwebhooks";
import { log } from "../runtime/log.ts";
import type { Database } from "../store/database.ts";
import { leaseEvents, markDelivered, type PendingEvent, postponeEvent } from "../store/outbox.ts";

/** Where events go. */
export interface Receiver {
  readonly url: string;
  readonly secret: string;
}

/** To the next try, as Standard Webhooks recommends; after the last one an event is given up. */
const RETRY_DELAYS_S = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/** How long a receiver may take. */
const DELIVERY_TIMEOUT_MS = 10_000;
const BATCH_SIZE = 20;

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
): Promise<DeliveryResult> {
  let delivered = 0;
  let undelivered = 0;
  while (receiver && remainingMs() > 2 * DELIVERY_TIMEOUT_MS) {
    const due = await leaseEvents(db, new Date(), BATCH_SIZE, (2 * DELIVERY_TIMEOUT_MS) / 1000);
    if (due.length === 0) break;
    const outcomes = await Promise.all(due.map((event) => deliverOne(db, receiver, event)));
    delivered += outcomes.filter(Boolean).length;
    undelivered += outcomes.filter((outcome) => !outcome).length;
  }
  return { delivered, undelivered };
}

async function deliverOne(db: Database, receiver: Receiver, event: PendingEvent): Promise<boolean> {
  const trouble = await send(receiver, event);
  if (trouble === undefined) {
    await markDelivered(db, [event.id], new Date());
    return true;
  }
  const wait = RETRY_DELAYS_S[event.tries];
  const next = wait === undefined ? null : new Date(Date.now() + wait * 1000);
  await postponeEvent(db, event.id, next);
  const level = next ? "warn" : "error";
  log[level](
    { event: event.id, type: event.type, tries: event.tries + 1, trouble },
    "an event was not delivered",
  );
  return false;
}

/** Sends one event; returns what went wrong, if anything. */
async function send({ url, secret }: Receiver, event: PendingEvent): Promise<string | undefined> {
  const sentAt = new Date();
  const body = JSON.stringify({
    type: event.type,
    timestamp: event.createdAt.toISOString(),
    data: event.data,
  });
  try {
    const response = await fetch(url, {
      method: "POST",
      redirect: "manual", // a signed event must not follow to another host
      signal: AbortSignal.timeout(DELIVERY_TIMEOUT_MS),
      headers: {
        "content-type": "application/json",
        "webhook-id": event.id,
        "webhook-timestamp": String(Math.floor(sentAt.getTime() / 1000)),
        "webhook-signature": new Webhook(secret).sign(event.id, sentAt, body),
      },
      body,
    });
    await response.body?.cancel();
    return response.ok ? undefined : `HTTP ${response.status}`;
  } catch (error) {
    return error instanceof Error ? error.name : "no connection";
  }
}
