/** Where events go while the developer has no `WEBHOOK_URL`: the last ones are kept for the local page, signature checked. */
import { Webhook } from "standardwebhooks";
import type { ReceivedRequest } from "./received-request.ts";

/** An event as it came in. */
export interface InboxItem {
  readonly id: string;
  readonly receivedAt: string;
  /** What a receiver must check first (Standard Webhooks). */
  readonly signature: "valid" | "invalid";
  readonly body: unknown;
}

const MAX_KEPT = 100;

/** The inbox of one stack; `now` is simulated time. */
export class WebhookInbox {
  readonly #items: InboxItem[] = [];

  constructor(
    private readonly secret: string | undefined,
    private readonly now: () => number,
  ) {}

  /** The newest first. */
  get items(): readonly InboxItem[] {
    return this.#items;
  }

  /** Keeps an event. False if its signature is wrong: a receiver must not take it. */
  receive({ headers, body }: ReceivedRequest): boolean {
    const text = body.toString("utf8");
    const signature = this.#isSigned(text, headers) ? "valid" : "invalid";
    const receivedAt = new Date(this.now()).toISOString();
    this.#items.unshift({ id: headers["webhook-id"] ?? "", receivedAt, signature, body: parsed(text) });
    this.#items.splice(MAX_KEPT);
    return signature === "valid";
  }

  /** Without the check of the age that a receiver makes: the sender's clock may be moved, and this process's is not. */
  #isSigned(text: string, headers: ReceivedRequest["headers"]): boolean {
    const sentAt = new Date(Number(headers["webhook-timestamp"]) * 1_000);
    if (!this.secret || Number.isNaN(sentAt.getTime())) return false;
    const right = new Webhook(this.secret).sign(headers["webhook-id"] ?? "", sentAt, text);
    return (headers["webhook-signature"] ?? "").split(" ").includes(right);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
