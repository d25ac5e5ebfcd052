import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parseKeyring } from "../../shared/crypto/keyring.ts";
import { ProviderError } from "../../shared/providers/provider-error.ts";
import { type AccessTokenStore, accessTokens } from "../../shared/providers/wechat/access-token.ts";
import { wechatClient } from "../../shared/providers/wechat/http.ts";
import { accessTokenStore } from "../../shared/store/access-token.ts";
import { type Connection, connect } from "../../shared/store/database.ts";
import { accessToken } from "../../shared/store/schema.ts";
import { MemoryTokenStore } from "../providers/wechat/memory-token-store.ts";
import { control, runningSimulator } from "../simulator/running.ts";
import { freshDatabase } from "../support/database.ts";

const appId = "wxsim00000000000001";
const key = (id: string, fill: number) => `${id}:${Buffer.alloc(32, fill).toString("base64")}`;
const keyring = parseKeyring(key("test-1", 7));
const start = new Date("2027-01-10T00:00:00.000Z");
const later = (seconds: number) => new Date(start.getTime() + seconds * 1000);
const token = (text: string) => ({ token: text, refreshAt: later(6_900), expiresAt: later(7_200) });

/** As many pools as instances would be too many for one server; a few pools show the same races. */
const pools: Connection[] = [];
beforeAll(async () => {
  const url = await freshDatabase();
  pools.push(...Array.from({ length: 6 }, () => connect(url)));
});
afterAll(() => Promise.all(pools.map((pool) => pool.close())));
beforeEach(() => pools[0]?.db.delete(accessToken));

const storeOf = (n = 0): AccessTokenStore => {
  const pool = pools[n % pools.length];
  if (!pool) throw new Error("no pool");
  return accessTokenStore(pool.db, keyring, appId);
};

describe.each<[string, () => AccessTokenStore]>([
  ["in PostgreSQL", () => storeOf()],
  ["of the tests' memory", () => new MemoryTokenStore()],
])("a store %s keeps the protocol", (_, make) => {
  test("there is nothing at first; the lease is one instance's until it ends", async () => {
    const store = make();
    expect(await store.read()).toBeUndefined();
    expect(await store.acquireRefresh(undefined, start, later(5))).toBe(true);
    expect(await store.acquireRefresh(undefined, later(4), later(9))).toBe(false);
    expect(await store.acquireRefresh(undefined, later(5), later(10))).toBe(true);
    expect(await store.read()).toBeUndefined();
  });

  test("what is stored is read, one version on, and ends the lease", async () => {
    const store = make();
    await store.acquireRefresh(undefined, start, later(5));
    expect(await store.replace(undefined, token("one"))).toEqual({ ...token("one"), version: 1 });
    expect(await store.read()).toEqual({ ...token("one"), version: 1 });
    expect(await store.acquireRefresh(1, start, later(5))).toBe(true);
    expect(await store.replace(1, token("one"))).toEqual({ ...token("one"), version: 2 });
  });

  test("who saw an older version gets no lease, and what is stored instead", async () => {
    const store = make();
    await store.acquireRefresh(undefined, start, later(5));
    await store.replace(undefined, token("one"));
    expect(await store.acquireRefresh(undefined, later(60), later(65))).toBe(false);
    expect(await store.replace(undefined, token("late"))).toEqual({ ...token("one"), version: 1 });
    await store.acquireRefresh(1, start, later(5));
    await store.releaseRefresh(undefined); // somebody else's: no effect
    expect(await store.acquireRefresh(1, start, later(5))).toBe(false);
    await store.releaseRefresh(1);
    expect(await store.acquireRefresh(1, start, later(5))).toBe(true);
  });

  test("of 60 who ask for the lease at once one gets it", async () => {
    const store = make();
    const taken = await Promise.all(
      Array.from({ length: 60 }, () => store.acquireRefresh(undefined, start, later(5))),
    );
    expect(taken.filter(Boolean)).toHaveLength(1);
  });
});

test("one app's token is not another's", async () => {
  const [pool] = pools;
  if (!pool) throw new Error("no pool");
  await storeOf().acquireRefresh(undefined, start, later(5));
  await storeOf().replace(undefined, token("one"));
  expect(await accessTokenStore(pool.db, keyring, "wx-other").read()).toBeUndefined();
});

test("at rest the token is sealed, and for its app's row only", async () => {
  const [pool] = pools;
  if (!pool) throw new Error("no pool");
  await storeOf().acquireRefresh(undefined, start, later(5));
  await storeOf().replace(undefined, token("SECRET-TOKEN"));
  const [row] = await pool.db.select().from(accessToken);
  expect(row?.sealed?.toString("latin1")).not.toContain("SECRET-TOKEN");
  if (row) await pool.db.insert(accessToken).values({ ...row, appId: "wx-moved" });
  expect((await accessTokenStore(pool.db, keyring, "wx-moved").read())?.token).toBe("");
});

test("a token sealed with a key that is gone counts as expired, and the next one takes its place (THREAT 57)", async () => {
  const [pool] = pools;
  if (!pool) throw new Error("no pool");
  await storeOf().acquireRefresh(undefined, start, later(5));
  await storeOf().replace(undefined, token("old"));
  const rotated = accessTokenStore(pool.db, parseKeyring(`${key("test-2", 8)},${key("test-1", 7)}`), appId);
  expect(await rotated.read()).toMatchObject({ token: "old" });
  const removed = accessTokenStore(pool.db, parseKeyring(key("test-2", 8)), appId);
  const stored = await removed.read();
  expect(stored).toEqual({ token: "", version: 1, expiresAt: new Date(0), refreshAt: new Date(0) });
  expect(await removed.acquireRefresh(1, start, later(5))).toBe(true);
  await removed.replace(1, token("new"));
  expect(await removed.read()).toMatchObject({ token: "new", version: 2 });
});

describe("200 cold instances over PostgreSQL, against the simulator (THREAT 44)", () => {
  const app = { appId, appSecret: "sim-app-secret" };

  async function herd(origin: string, stored: { token: string; now: Date; expired: boolean }) {
    const { token: text, now, expired } = stored;
    const seconds = (n: number) => new Date(now.getTime() + n * 1000);
    await storeOf().acquireRefresh(undefined, now, now);
    await storeOf().replace(undefined, {
      token: text,
      refreshAt: seconds(expired ? -600 : 3_600),
      expiresAt: seconds(expired ? -300 : 3_900),
    });
    const client = wechatClient({ baseUrl: origin });
    const instances = Array.from({ length: 200 }, (_, n) => accessTokens({ client, app, store: storeOf(n) }));
    const calls = async () => Object(await control(origin, "GET", "calls")).body["stable_token"];
    const before = await calls();
    const used = await Promise.all(
      instances.map((instance) =>
        instance.withAccessToken((accessToken) => {
          const stale = new ProviderError("configuration", "getinfo", { code: "40001" });
          return accessToken === text ? Promise.reject(stale) : Promise.resolve(accessToken);
        }),
      ),
    );
    expect(new Set(used).size).toBe(1);
    return (await calls()) - before;
  }

  test.each([
    ["an expired token", true],
    ["a token that was made invalid elsewhere (40001)", false],
  ])("and %s: at most two calls of stable_token, and every call succeeds", async (_, expired) => {
    const { origin } = await runningSimulator();
    const asked = await herd(origin, { token: "a-token-that-does-not-serve", now: new Date(), expired });
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThanOrEqual(2);
  });
});
