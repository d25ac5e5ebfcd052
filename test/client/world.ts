/** A phone, a server and a client between them, on a clock that the test moves. */
import { afterEach, beforeEach, vi } from "vitest";
import { createCore } from "../../client/src/client.ts";
import { type MiniProgramOptions, miniProgram } from "../../client/src/mini-program/platform.ts";
import type { Client } from "../../client/src/types.ts";
import { FakePhone } from "./fake-phone.ts";
import { FakeServer } from "./fake-server.ts";

/** The client of a phone. */
export function clientOf(phone: FakePhone, options: Partial<MiniProgramOptions> = {}): Client {
  const all = { api: "https://verify.shop.example", sdk: { startEid: phone.startEid }, ...options };
  const { wx } = phone;
  return createCore(miniProgram(all, { wx, face: wx, topPage: phone.topPage }), all);
}

/** Everything at once; `prepare` changes the phone before the client meets it. */
export function world(change: (phone: FakePhone, server: FakeServer) => void = () => {}) {
  const server = new FakeServer();
  const phone = new FakePhone(server.transport);
  change(phone, server);
  return { server, phone, client: clientOf(phone) };
}

/** Moves the clock in the tests of a file. */
export function movedClock(): (ms: number) => Promise<unknown> {
  beforeEach(() => void vi.useFakeTimers({ now: new Date("2026-11-27T08:00:00Z") }));
  afterEach(() => void vi.useRealTimers());
  return (ms) => vi.advanceTimersByTimeAsync(ms);
}
