/** What is left of an exchange that was not read to its end: no socket, and no second try of what may have had an effect. */
import { Agent } from "node:http";
import { expect, onTestFinished, test, vi } from "vitest";
import { ExchangeError, exchange } from "../../shared/providers/exchange.ts";
import { ProviderError } from "../../shared/providers/provider-error.ts";
import { type Behaviour, rawServer } from "./tencent-cloud/raw-server.ts";

/** Asks a server whose answers are all refused, or none. */
async function ask(behave: Behaviour, refusal: () => ProviderError | undefined) {
  const server = await rawServer(behave);
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const error = await exchange({
    method: "POST",
    url: `http://127.0.0.1:${server.port}/`,
    headers: {},
    body: Buffer.from("{}"),
    agent,
    signal: new AbortController().signal,
    maxBytes: 1_000,
    refusal,
  }).catch((thrown: unknown) => thrown);
  return { error, server };
}

test("an answer that is refused by its status or headers is not read on: its socket is closed", async () => {
  const refused = new ProviderError("malformed", "ask");
  const { error, server } = await ask(
    (socket) => void socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"),
    () => refused,
  );
  expect(error).toBe(refused);
  await vi.waitFor(() => expect(server.sockets.size).toBe(0), 5_000);
});

test.each<[name: string, behave: Behaviour, hasAnswered: boolean]>([
  [
    "has begun",
    (socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{", () => socket.resetAndDestroy()),
    true,
  ],
  ["never came", (socket) => void socket.resetAndDestroy(), false],
])(
  "an answer that %s, on a new connection, is not taken for a request that was never read",
  async (_, behave, hasAnswered) => {
    const { error } = await ask(behave, () => undefined);
    expect(error).toBeInstanceOf(ExchangeError);
    expect(error).toMatchObject({ hasAnswered, isStaleSocket: false });
  },
);
