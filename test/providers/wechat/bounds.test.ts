/** What a call to WeChat may take at most, whatever the other side does (cases A3, A8, A9). */
import { once } from "node:events";
import { createServer } from "node:http";
import { createGzip } from "node:zlib";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { ProviderError } from "../../../shared/providers/provider-error.ts";
import { type AccessTokenStore, accessTokens } from "../../../shared/providers/wechat/access-token.ts";
import { wechatClient } from "../../../shared/providers/wechat/http.ts";
import { type Behaviour, rawServer } from "../tencent-cloud/raw-server.ts";
import { MemoryTokenStore } from "./memory-token-store.ts";

const call = {
  operation: "getuseridkey",
  method: "POST",
  path: "/cityservice/face/identify/getuseridkey",
  query: { access_token: "a-token" },
  body: { name: "张三", id_card_number: "11010119900307002X" },
} as const;

async function failure(promise: Promise<unknown>): Promise<ProviderError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ProviderError)) throw new Error(`not a ProviderError: ${error}`);
  return error;
}

const baseUrlOf = ({ port }: { readonly port: number }) => `http://127.0.0.1:${port}`;
const chunked = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";

const drip: Behaviour = (socket) => {
  socket.write(chunked);
  const timer = setInterval(() => socket.write("1\r\n \r\n"), 50);
  socket.on("close", () => clearInterval(timer));
};

test("60 calls at once that drip end in time, give their sockets back, and keep nobody waiting", async () => {
  let isWell = false;
  const server = await rawServer((socket, request, nth) => {
    if (!isWell) return drip(socket, request, nth);
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
  });
  const client = wechatClient({ baseUrl: baseUrlOf(server), timeoutMs: 500 });
  const startedAt = performance.now();
  const errors = await Promise.all(Array.from({ length: 60 }, () => failure(client.send(call))));
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  for (const error of errors) expect(error).toMatchObject({ kind: "unavailable", code: "timeout" });
  await vi.waitFor(() => expect(server.sockets.size).toBe(0), 5_000);
  isWell = true;
  expect((await client.send(call)).toString()).toBe("{}");
});

test("a caller with less time than the client ends the call earlier, and without any sends nothing", async () => {
  const server = await rawServer(drip);
  const client = wechatClient({ baseUrl: baseUrlOf(server), timeoutMs: 60_000 });
  const startedAt = performance.now();
  const error = await failure(client.send(call, { signal: AbortSignal.timeout(200) }));
  expect(error).toMatchObject({ kind: "unavailable", code: "timeout" });
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  await vi.waitFor(() => expect(server.sockets.size).toBe(0), 5_000);
  await failure(client.send(call, { signal: AbortSignal.abort() }));
  expect(server.requests).toHaveLength(1);
});

test("an answer that unpacks without end is malformed, and its socket is closed", async () => {
  const server = await rawServer((socket) => {
    const gzip = createGzip().on("error", () => {});
    socket.write("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n");
    gzip.pipe(socket);
    const more = () => {
      while (!socket.destroyed && gzip.write(Buffer.alloc(1024 * 1024, " ")));
    };
    gzip.on("drain", more);
    more();
  });
  const client = wechatClient({ baseUrl: baseUrlOf(server) });
  expect(await failure(client.send(call))).toMatchObject({ kind: "malformed" });
  await vi.waitFor(() => expect(server.sockets.size).toBe(0), 5_000);
});

test.each([301, 302, 303, 307, 308])("a redirect (%i) takes name and number nowhere", async (status) => {
  const seen: string[] = [];
  const other = createServer((request, response) => {
    seen.push(request.url ?? "");
    response.end("{}");
  }).listen(0, "127.0.0.1");
  await once(other, "listening");
  onTestFinished(() => void other.close());
  const address = other.address();
  const port = typeof address === "object" ? address?.port : 0;
  const server = await rawServer((socket) => {
    socket.write(`HTTP/1.1 ${status} x\r\nlocation: http://127.0.0.1:${port}/\r\ncontent-length: 0\r\n\r\n`);
  });
  const client = wechatClient({ baseUrl: baseUrlOf(server) });
  expect(await failure(client.send(call))).toMatchObject({ kind: "malformed" });
  expect(seen).toEqual([]);
  expect(server.requests).toHaveLength(1);
});

describe("waiting for an access_token", () => {
  const never = () => new Promise<never>(() => {});
  const app = { appId: "wx0000000000000001", appSecret: "an-app-secret" };

  test("ends with the caller's time, wherever it stands still, and the search goes on for others", async () => {
    const server = await rawServer(drip);
    const client = wechatClient({ baseUrl: baseUrlOf(server), timeoutMs: 2_000 });
    const stuckStore: AccessTokenStore = {
      read: never,
      acquireRefresh: never,
      replace: never,
      releaseRefresh: never,
    };
    for (const store of [stuckStore, new MemoryTokenStore()]) {
      const tokens = accessTokens({ client, app, store });
      const patient = failure(tokens.withAccessToken(never, { signal: AbortSignal.timeout(1_000) }));
      const error = await failure(tokens.withAccessToken(never, { signal: AbortSignal.timeout(200) }));
      expect(error).toMatchObject({ kind: "unavailable", operation: "stable_token", code: "timeout" });
      expect(await patient).toMatchObject({ kind: "unavailable" });
    }
    expect(server.requests).toHaveLength(1);
  });
});
