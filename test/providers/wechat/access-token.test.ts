import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { ProviderError } from "../../../shared/providers/provider-error.ts";
import { accessTokens } from "../../../shared/providers/wechat/access-token.ts";
import { type WechatClient, wechatClient } from "../../../shared/providers/wechat/http.ts";
import { MemoryTokenStore } from "./memory-token-store.ts";
import { type Answer, scriptedServer } from "./scripted-server.ts";

const app = { appId: "wx0000000000000001", appSecret: "an-app-secret" };
const start = new Date("2027-01-10T00:00:00Z");
const later = (seconds: number) => new Date(start.getTime() + seconds * 1000);

/** A server that gives `token-1`, `token-2`, … one for every call. */
async function tokenServer(options: { expiresIn?: number; delayMs?: number; answers?: Answer[] } = {}) {
  let issued = 0;
  const { baseUrl, received } = await scriptedServer((response, request) => {
    const scripted = options.answers?.shift();
    if (scripted) {
      scripted(response, request);
      return;
    }
    issued += 1;
    const body = JSON.stringify({ access_token: `token-${issued}`, expires_in: options.expiresIn ?? 7200 });
    setTimeout(() => response.end(body), options.delayMs ?? 0);
  });
  return { client: wechatClient({ baseUrl }), received };
}

function cacheOf(client: WechatClient, store: MemoryTokenStore, clock = { now: start }, options = {}) {
  return accessTokens({ client, app, store, now: () => clock.now, ...options });
}

const echoToken = (token: string) => Promise.resolve(token);

/** A call that WeChat refuses with `code` for every token but those that serve. */
const servedBy =
  (code: string, serving: (token: string) => boolean, seen: string[] = []) =>
  (token: string) => {
    seen.push(token);
    if (serving(token)) return Promise.resolve(token);
    return Promise.reject(new ProviderError("configuration", "getinfo", { code }));
  };

test("the first call fetches a token and the next ones use it", async () => {
  const { client, received } = await tokenServer();
  const cache = cacheOf(client, new MemoryTokenStore());
  await expect(cache.withAccessToken(echoToken)).resolves.toBe("token-1");
  await expect(cache.withAccessToken(echoToken)).resolves.toBe("token-1");
  expect(received).toHaveLength(1);
  expect(received[0]).toMatchObject({ method: "POST", path: "/cgi-bin/stable_token" });
  expect(received[0]?.query.size).toBe(0);
  expect(JSON.parse(received[0]?.body ?? "")).toEqual({
    grant_type: "client_credential",
    appid: app.appId,
    secret: app.appSecret,
  });
});

test("a token is replaced 300 s before it expires, not earlier", async () => {
  const { client, received } = await tokenServer();
  const clock = { now: start };
  const cache = cacheOf(client, new MemoryTokenStore(), clock);
  await cache.withAccessToken(echoToken);
  clock.now = later(6899);
  await expect(cache.withAccessToken(echoToken)).resolves.toBe("token-1");
  clock.now = later(6900);
  await expect(cache.withAccessToken(echoToken)).resolves.toBe("token-2");
  expect(received).toHaveLength(2);
});

test("a token that has hardly more than 300 s left is not fetched again at once", async () => {
  const { client, received } = await tokenServer({ expiresIn: 301 });
  const clock = { now: start };
  const cache = cacheOf(client, new MemoryTokenStore(), clock);
  await cache.withAccessToken(echoToken);
  clock.now = later(100);
  await cache.withAccessToken(echoToken);
  expect(received).toHaveLength(1);
});

test("many calls of one instance make one fetch and one search of the store", async () => {
  const { client, received } = await tokenServer({ delayMs: 50 });
  const store = new MemoryTokenStore();
  const cache = cacheOf(client, store);
  const tokens = await Promise.all(Array.from({ length: 50 }, () => cache.withAccessToken(echoToken)));
  expect(new Set(tokens)).toEqual(new Set(["token-1"]));
  expect(received).toHaveLength(1);
  expect(store.reads).toBe(1);
});

test.each([
  ["no token", undefined],
  ["an expired token", { token: "old", refreshAt: later(-600), expiresAt: later(-300), version: 7 }],
])("200 cold instances and %s: one fetch", async (_case, stored) => {
  const { client, received } = await tokenServer({ delayMs: 200 });
  const store = new MemoryTokenStore();
  store.stored = stored;
  const tokens = await Promise.all(
    Array.from({ length: 200 }, () => cacheOf(client, store).withAccessToken(echoToken)),
  );
  expect(new Set(tokens)).toEqual(new Set(["token-1"]));
  expect(received).toHaveLength(1);
});

test("200 instances whose token was made invalid elsewhere: one fetch, each call succeeds", async () => {
  const { client, received } = await tokenServer({ delayMs: 100 });
  const store = new MemoryTokenStore();
  store.stored = { token: "invalid", refreshAt: later(6900), expiresAt: later(7200), version: 1 };
  const call = servedBy("40001", (token) => token === "token-1");
  const tokens = await Promise.all(
    Array.from({ length: 200 }, () => cacheOf(client, store).withAccessToken(call)),
  );
  expect(new Set(tokens)).toEqual(new Set(["token-1"]));
  expect(received).toHaveLength(1);
});

test("the same text fetched again counts as new: no instance fetches it a second time", async () => {
  const same: Answer = (response) => response.end('{"access_token":"same","expires_in":7000}');
  const { client, received } = await tokenServer({ answers: Array.from({ length: 9 }, () => same) });
  const store = new MemoryTokenStore();
  store.stored = { token: "same", refreshAt: later(6900), expiresAt: later(7200), version: 1 };
  const caches = Array.from({ length: 100 }, () => cacheOf(client, store));
  await Promise.all(caches.map((cache) => cache.withAccessToken(echoToken)));
  await Promise.all(
    caches.map((cache) => {
      let isFirst = true;
      return cache.withAccessToken((token) => {
        const wasFirst = isFirst;
        isFirst = false;
        return wasFirst ? servedBy("42001", () => false)(token) : Promise.resolve(token);
      });
    }),
  );
  expect(received).toHaveLength(1);
});

test("while one instance fetches early, the others use the token that still serves", async () => {
  const { client, received } = await tokenServer({ delayMs: 300 });
  const store = new MemoryTokenStore();
  store.stored = { token: "due", refreshAt: later(-1), expiresAt: later(299), version: 1 };
  const tokens = await Promise.all(
    Array.from({ length: 20 }, () => cacheOf(client, store).withAccessToken(echoToken)),
  );
  expect(tokens.filter((token) => token === "due")).toHaveLength(19);
  expect(received).toHaveLength(1);
});

test.each(["40001", "40014", "42001"])("after %s the call runs once more with a new token", async (code) => {
  const { client } = await tokenServer();
  const seen: string[] = [];
  const call = servedBy(code, (token) => token === "token-2", seen);
  await expect(cacheOf(client, new MemoryTokenStore()).withAccessToken(call)).resolves.toBe("token-2");
  expect(seen).toEqual(["token-1", "token-2"]);
});

test("a second refusal is thrown and not tried again", async () => {
  const { client, received } = await tokenServer();
  const seen: string[] = [];
  const call = servedBy("40001", () => false, seen);
  await expect(cacheOf(client, new MemoryTokenStore()).withAccessToken(call)).rejects.toMatchObject({
    kind: "configuration",
    code: "40001",
  });
  expect(seen).toHaveLength(2);
  expect(received).toHaveLength(2);
});

test("a token that another instance has replaced already is not fetched again", async () => {
  const { client, received } = await tokenServer();
  const store = new MemoryTokenStore();
  const cache = cacheOf(client, store);
  await cache.withAccessToken(echoToken);
  store.stored = { token: "theirs", refreshAt: later(6900), expiresAt: later(7200), version: 2 };
  await expect(cache.withAccessToken(servedBy("42001", (token) => token === "theirs"))).resolves.toBe(
    "theirs",
  );
  expect(received).toHaveLength(1);
});

test.each(["48001", "84018", "-1"])("%s is no matter of the token", async (code) => {
  const { client, received } = await tokenServer();
  const seen: string[] = [];
  const cache = cacheOf(client, new MemoryTokenStore());
  await expect(cache.withAccessToken(servedBy(code, () => false, seen))).rejects.toMatchObject({ code });
  expect(seen).toHaveLength(1);
  expect(received).toHaveLength(1);
});

test("if the instance that fetches dies, its lease runs out and another one fetches", async () => {
  const { client, received } = await tokenServer();
  const store = new MemoryTokenStore();
  await store.acquireRefresh(undefined, new Date(), new Date(Date.now() + 600));
  const cache = accessTokens({ client, app, store });
  const started = performance.now();
  await expect(cache.withAccessToken(echoToken)).resolves.toBe("token-1");
  expect(performance.now() - started).toBeGreaterThan(500);
  expect(received).toHaveLength(1);
});

test("a wait for another instance ends with unavailable", async () => {
  const { client, received } = await tokenServer();
  const store = new MemoryTokenStore();
  store.leaseUntil = later(60);
  const cache = cacheOf(client, store, undefined, { waitMs: 200 });
  await expect(cache.withAccessToken(echoToken)).rejects.toMatchObject({ kind: "unavailable" });
  expect(received).toHaveLength(0);
});

test("a fetch that fails gives the lease back and says why", async () => {
  const refused: Answer = (r) =>
    r.end('{"errcode":40164,"errmsg":"invalid ip 203.0.113.7, not in whitelist"}');
  const { client } = await tokenServer({ answers: [refused] });
  const cache = cacheOf(client, new MemoryTokenStore());
  await expect(cache.withAccessToken(echoToken)).rejects.toMatchObject({
    kind: "configuration",
    operation: "stable_token",
    message: expect.stringContaining("203.0.113.7"),
  });
  await expect(cache.withAccessToken(echoToken)).resolves.toBe("token-1");
});

test("above the quota nobody asks again before the lease is over", async () => {
  const { client, received } = await tokenServer({ answers: [(r) => r.end('{"errcode":45009}')] });
  const store = new MemoryTokenStore();
  await expect(cacheOf(client, store).withAccessToken(echoToken)).rejects.toMatchObject({
    kind: "rate-limited",
  });
  await expect(
    cacheOf(client, store, undefined, { waitMs: 150 }).withAccessToken(echoToken),
  ).rejects.toMatchObject({ kind: "unavailable" });
  expect(received).toHaveLength(1);
});

test("a fetch that fails before the old token's end lets the old one serve", async () => {
  const { client } = await tokenServer({ answers: [(r) => r.writeHead(503).end()] });
  const store = new MemoryTokenStore();
  store.stored = { token: "due", refreshAt: later(-1), expiresAt: later(299), version: 1 };
  await expect(cacheOf(client, store).withAccessToken(echoToken)).resolves.toBe("due");
});

test("a holder that comes back after its lease does not undo a newer token", async () => {
  const { client } = await tokenServer({ delayMs: 300 });
  const store = new MemoryTokenStore();
  const slow = cacheOf(client, store).withAccessToken(echoToken);
  await sleep(100);
  store.stored = { token: "newer", refreshAt: later(6900), expiresAt: later(7200), version: 1 };
  await expect(slow).resolves.toBe("newer");
  expect(store.stored.token).toBe("newer");
});

test.each([
  ["no token", { expires_in: 7200 }],
  ["an expiry in quotes", { access_token: "t", expires_in: "7200" }],
  ["no expiry", { access_token: "t" }],
  ["an expiry of zero", { access_token: "t", expires_in: 0 }],
])("%s is malformed", async (_case, answer) => {
  const { client } = await tokenServer({ answers: [(r) => r.end(JSON.stringify(answer))] });
  await expect(cacheOf(client, new MemoryTokenStore()).withAccessToken(echoToken)).rejects.toMatchObject({
    kind: "malformed",
    operation: "stable_token",
  });
});
