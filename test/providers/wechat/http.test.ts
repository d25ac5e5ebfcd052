import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import { expect, test, vi } from "vitest";
import { ProviderError } from "../../../shared/providers/provider-error.ts";
import { wechatClient } from "../../../shared/providers/wechat/http.ts";
import { type Answer, json, scriptedServer } from "./scripted-server.ts";

const call = {
  operation: "jscode2session",
  method: "GET",
  path: "/sns/jscode2session",
  query: { secret: "the-app-secret", js_code: "the-login-code" },
} as const;

/** Made beforehand: packing takes longer than a call may on a busy machine. */
const GZIP_BOMB = gzipSync(Buffer.alloc(50_000_000));

async function failureOf(answer: Answer, timeoutMs = 2_000): Promise<ProviderError> {
  const { baseUrl } = await scriptedServer(answer);
  return failure(wechatClient({ baseUrl, timeoutMs }).send(call));
}

async function failure(promise: Promise<unknown>): Promise<ProviderError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ProviderError)) throw new Error(`expected a ProviderError, got ${inspect(error)}`);
  // Whatever went wrong: nothing of the query may be in it, at any depth.
  expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(/the-app-secret|the-login-code/);
  return error;
}

test.each<[string, Answer, string, string]>([
  ["a server error", (r) => r.writeHead(502).end("<html>"), "unavailable", "http-502"],
  ["a gateway's 429", (r) => r.writeHead(429).end(), "rate-limited", "http-429"],
  ["a redirect", (r) => r.writeHead(302, { location: "/elsewhere" }).end(), "malformed", "http-302"],
  ["a 404", (r) => r.writeHead(404).end(), "malformed", "http-404"],
  ["a reset", (r) => r.destroy(), "unavailable", "ECONNRESET"],
  ["64 KiB and a byte", (r) => r.end("x".repeat(65_537)), "malformed", "ERR_BAD_RESPONSE"],
  [
    "a gzip bomb",
    (r) => r.writeHead(200, { "content-encoding": "gzip" }).end(GZIP_BOMB),
    "malformed",
    "ERR_BAD_RESPONSE",
  ],
  [
    "half an answer",
    (r) => {
      r.writeHead(200, { "content-length": "100" }).write("{");
      setTimeout(() => r.destroy(), 30);
    },
    "malformed",
    "ERR_BAD_RESPONSE",
  ],
  ["no HTTP at all", (r) => r.socket?.end("garbage\r\n\r\n"), "malformed", "HPE_INVALID_CONSTANT"],
])("%s is a ProviderError without the query", async (_case, answer, kind, code) => {
  expect(await failureOf(answer)).toMatchObject({ kind, code, operation: "jscode2session" });
});

test("silence ends after the timeout", async () => {
  const started = performance.now();
  expect(await failureOf(() => {}, 200)).toMatchObject({ kind: "unavailable", code: "timeout" });
  expect(performance.now() - started).toBeLessThan(1_500);
});

test("an answer that drips ends after the timeout too", async () => {
  const drip: Answer = (response) => {
    const timer = setInterval(() => response.write(" "), 20);
    response.on("close", () => clearInterval(timer));
  };
  expect(await failureOf(drip, 300)).toMatchObject({ kind: "unavailable", code: "timeout" });
});

test("nobody listening is unavailable", async () => {
  const client = wechatClient({ baseUrl: "http://127.0.0.1:9" });
  expect(await failure(client.send(call))).toMatchObject({ kind: "unavailable", code: "ECONNREFUSED" });
});

test("a proxy of the environment is not used", async () => {
  vi.stubEnv("HTTP_PROXY", "http://127.0.0.1:9");
  vi.stubEnv("http_proxy", "http://127.0.0.1:9");
  const { baseUrl } = await scriptedServer(json({ errcode: 0 }));
  await expect(wechatClient({ baseUrl }).send(call)).resolves.toBeInstanceOf(Buffer);
  vi.unstubAllEnvs();
});

test("a kept-alive connection that was closed meanwhile is replaced once, without an error", async () => {
  let calls = 0;
  const { baseUrl, received } = await scriptedServer((response) => {
    calls += 1;
    if (calls === 2) response.destroy();
    else response.end("{}");
  });
  const client = wechatClient({ baseUrl });
  await client.send(call);
  await expect(client.send(call)).resolves.toEqual(Buffer.from("{}"));
  expect(received).toHaveLength(3);
});

test("a call that must go out once is not sent again, even then", async () => {
  let calls = 0;
  const { baseUrl, received } = await scriptedServer((response) => {
    calls += 1;
    if (calls === 2) response.destroy();
    else response.end("{}");
  });
  const client = wechatClient({ baseUrl });
  await client.send(call);
  expect(await failure(client.send({ ...call, once: true }))).toMatchObject({ kind: "unavailable" });
  expect(received).toHaveLength(2);
});

test("a new connection that is reset is not tried again: the call may have taken effect", async () => {
  const { baseUrl, received } = await scriptedServer((response) => response.destroy());
  await failure(wechatClient({ baseUrl }).send(call));
  expect(received).toHaveLength(1);
});

test("a connection that is reset again is an error", async () => {
  let calls = 0;
  const { baseUrl, received } = await scriptedServer((response) => {
    calls += 1;
    if (calls > 1) response.destroy();
    else response.end("{}");
  });
  const client = wechatClient({ baseUrl });
  await client.send(call);
  expect(await failure(client.send(call))).toMatchObject({ kind: "unavailable", code: "ECONNRESET" });
  expect(received).toHaveLength(3);
});

test("query and body arrive as they were given, in UTF-8", async () => {
  const { baseUrl, received } = await scriptedServer(json({}));
  await wechatClient({ baseUrl }).send({
    operation: "getuseridkey",
    method: "POST",
    path: "/p",
    query: { access_token: "a+b/c=&d 真" },
    body: { name: "张·三" },
  });
  expect(received[0]).toMatchObject({ method: "POST", path: "/p", body: '{"name":"张·三"}' });
  expect(received[0]?.query.get("access_token")).toBe("a+b/c=&d 真");
});
