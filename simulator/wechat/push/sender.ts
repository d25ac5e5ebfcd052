import { randomInt } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "../../clock.ts";
import { ORIGINAL_ID, PUSH_TOKEN } from "../account.ts";
import { type PUSH_FORMATS, type PUSH_MODES, type PushMessage, pushMessage } from "./message.ts";
import { pushSignature } from "./sealing.ts";

/** A push is tried for five seconds, then never again. */
const PATIENCE_MS = 5_000;
const BETWEEN_TRIES_MS = 500;
const KEPT_DELIVERIES = 500;

/** How pushes are sent, as `POST /_sim/push` sets it. */
export interface PushSettings {
  mode: (typeof PUSH_MODES)[number];
  format: (typeof PUSH_FORMATS)[number];
  /** How many times the same push comes again after the first. */
  duplicates: number;
  /** Milliseconds before a push leaves. */
  delayMs: number;
  /** Whether pushes are lost on the way. */
  lose: boolean;
}

/** What became of one try; `status` is absent when no answer came. */
export interface Delivery {
  readonly event: string;
  /** ISO time, simulated. */
  readonly at: string;
  readonly outcome: "accepted" | "refused" | "no-answer" | "lost";
  readonly status?: number;
  /** Milliseconds until the answer. */
  readonly tookMs?: number;
}

/** Sends pushes to the developer's server, in the background. */
export class PushSender {
  readonly settings: PushSettings = {
    mode: "secure",
    format: "json",
    duplicates: 0,
    delayMs: 0,
    lose: false,
  };
  readonly deliveries: Delivery[] = [];

  constructor(
    private readonly url: string,
    private readonly clock: Clock,
  ) {}

  /** Announces an event about `openid`; comes back at once. */
  send(event: string, openid: string, more: Readonly<Record<string, string | number>>): void {
    const timestamp = String(Math.floor(this.clock.now() / 1_000));
    const fields = {
      ToUserName: ORIGINAL_ID,
      FromUserName: openid,
      CreateTime: Number(timestamp),
      MsgType: "event",
      Event: event,
      ...more,
    };
    const message = pushMessage(fields, this.settings, { openid, timestamp, nonce: nonce() });
    const { duplicates, delayMs, lose } = this.settings;
    if (lose) this.note({ event, at: this.now(), outcome: "lost" });
    else void this.deliver(event, message, duplicates, delayMs);
  }

  /** Asks the developer's server to echo, as the console does when the URL is entered. */
  async verify(): Promise<{ echoed: boolean; status: number }> {
    const timestamp = String(Math.floor(this.clock.now() / 1_000));
    const [salt, echostr] = [nonce(), nonce()];
    const signature = pushSignature(PUSH_TOKEN, timestamp, salt);
    const query = new URLSearchParams({ signature, timestamp, nonce: salt, echostr });
    const answer = await fetch(`${this.url}?${query}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return { echoed: answer.ok && (await answer.text()) === echostr, status: answer.status };
  }

  private async deliver(
    event: string,
    message: PushMessage,
    duplicates: number,
    delayMs: number,
  ): Promise<void> {
    await pause(delayMs, undefined, { ref: false });
    await this.insist(event, message);
    for (let n = 0; n < duplicates; n++) await this.insist(event, message);
  }

  /** Tries until it is accepted or the patience is over. */
  private async insist(event: string, message: PushMessage): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const left = end - performance.now();
      if (left <= 0) return;
      const delivery = await this.attempt(event, message, left);
      this.note(delivery);
      if (delivery.outcome === "accepted") return;
      await pause(BETWEEN_TRIES_MS, undefined, { ref: false });
    }
  }

  private async attempt(event: string, message: PushMessage, patienceMs: number): Promise<Delivery> {
    const began = performance.now();
    try {
      const answer = await fetch(`${this.url}?${message.query}`, {
        method: "POST",
        body: message.body,
        headers: { "content-type": message.contentType },
        signal: AbortSignal.timeout(Math.ceil(patienceMs)),
      });
      const text = await answer.text();
      const accepted = answer.ok && (text === "success" || text === "");
      const tookMs = Math.round(performance.now() - began);
      return {
        event,
        at: this.now(),
        outcome: accepted ? "accepted" : "refused",
        status: answer.status,
        tookMs,
      };
    } catch {
      return { event, at: this.now(), outcome: "no-answer" };
    }
  }

  private note(delivery: Delivery): void {
    this.deliveries.push(delivery);
    if (this.deliveries.length > KEPT_DELIVERIES) this.deliveries.shift();
  }

  private now(): string {
    return new Date(this.clock.now()).toISOString();
  }
}

function nonce(): string {
  return String(randomInt(1_000_000_000));
}
