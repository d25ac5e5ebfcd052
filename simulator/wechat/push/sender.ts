import { randomInt } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "../../clock.ts";
import { ORIGINAL_ID, PUSH_TOKEN } from "../account.ts";
import {
  type PUSH_FORMATS,
  type PUSH_MODES,
  type PushMessage,
  pushMessage,
  pushSignature,
} from "./message.ts";

/** A push is retried for five seconds, then given up. */
const DELIVERY_TIMEOUT_MS = 5_000;
const RETRY_INTERVAL_MS = 500;
const MAX_DELIVERIES = 500;

/** How pushes are sent; set by `POST /_sim/push`. */
export interface PushSettings {
  mode: (typeof PUSH_MODES)[number];
  format: (typeof PUSH_FORMATS)[number];
  /** How often the same push is repeated after the first. */
  duplicates: number;
  /** Milliseconds before a push is sent. */
  delayMs: number;
  /** Whether pushes are lost on the way. */
  lose: boolean;
}

/** The result of one try; `status` is absent when no response came. */
export interface Delivery {
  readonly event: string;
  /** ISO time, simulated. */
  readonly at: string;
  readonly outcome: "accepted" | "refused" | "no-answer" | "lost";
  readonly status?: number;
  /** Milliseconds until the response. */
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

  /** Starts to send an event about `openid`; returns at once. */
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
    if (lose) this.record({ event, at: this.now(), outcome: "lost" });
    else void this.deliver(event, message, duplicates, delayMs);
  }

  /** Asks the developer's server for an echo, as WeChat's console does when the URL is entered. */
  async verify(): Promise<{ echoed: boolean; status: number }> {
    const timestamp = String(Math.floor(this.clock.now() / 1_000));
    const [salt, echostr] = [nonce(), nonce()];
    const signature = pushSignature(PUSH_TOKEN, timestamp, salt);
    const query = new URLSearchParams({ signature, timestamp, nonce: salt, echostr });
    const response = await fetch(`${this.url}?${query}`, {
      signal: AbortSignal.timeout(DELIVERY_TIMEOUT_MS),
    });
    return { echoed: response.ok && (await response.text()) === echostr, status: response.status };
  }

  private async deliver(
    event: string,
    message: PushMessage,
    duplicates: number,
    delayMs: number,
  ): Promise<void> {
    await pause(delayMs, undefined, { ref: false });
    await this.sendWithRetry(event, message);
    for (let n = 0; n < duplicates; n++) await this.sendWithRetry(event, message);
  }

  /** Retries until the push is accepted or the time is over. */
  private async sendWithRetry(event: string, message: PushMessage): Promise<void> {
    const end = performance.now() + DELIVERY_TIMEOUT_MS;
    for (;;) {
      const left = end - performance.now();
      if (left <= 0) return;
      const delivery = await this.attempt(event, message, left);
      this.record(delivery);
      if (delivery.outcome === "accepted") return;
      await pause(RETRY_INTERVAL_MS, undefined, { ref: false });
    }
  }

  private async attempt(event: string, message: PushMessage, timeoutMs: number): Promise<Delivery> {
    const began = performance.now();
    try {
      const response = await fetch(`${this.url}?${message.query}`, {
        method: "POST",
        body: message.body,
        headers: { "content-type": message.contentType },
        signal: AbortSignal.timeout(Math.ceil(timeoutMs)),
      });
      const text = await response.text();
      const accepted = response.ok && (text === "success" || text === "");
      const tookMs = Math.round(performance.now() - began);
      return {
        event,
        at: this.now(),
        outcome: accepted ? "accepted" : "refused",
        status: response.status,
        tookMs,
      };
    } catch {
      return { event, at: this.now(), outcome: "no-answer" };
    }
  }

  private record(delivery: Delivery): void {
    this.deliveries.push(delivery);
    if (this.deliveries.length > MAX_DELIVERIES) this.deliveries.shift();
  }

  private now(): string {
    return new Date(this.clock.now()).toISOString();
  }
}

function nonce(): string {
  return String(randomInt(1_000_000_000));
}
