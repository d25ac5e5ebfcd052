import { beforeEach, describe, expect, test, vi } from "vitest";
import { Clock } from "../../../simulator/clock.ts";
import { AccessTokens } from "../../../simulator/wechat/access-tokens.ts";
import { control, runningSimulator, temporaryFolder } from "../running.ts";
import { APP, face, stableToken, wechat } from "./calls.ts";

describe("the life of a token", () => {
  const START = Date.UTC(2026, 0, 1);
  const at = (seconds: number) => vi.setSystemTime(START + seconds * 1_000);
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"] });
    at(0);
    return () => vi.useRealTimers();
  });
  const openTokens = (folder = temporaryFolder()) => new AccessTokens(folder, new Clock(folder));
  const errcodeOf = (tokens: AccessTokens, token: string) => {
    try {
      tokens.check(token);
      return undefined;
    } catch (error) {
      return error instanceof Error && "errcode" in error ? error.errcode : error;
    }
  };

  test("stable_token answers the same token until five minutes before its end, and both work then", () => {
    const tokens = openTokens();
    const first = tokens.stableToken(false);
    expect(first.expires_in).toBe(7_200);
    at(6_899);
    expect(tokens.stableToken(false)).toEqual({ access_token: first.access_token, expires_in: 301 });
    at(6_900);
    const second = tokens.stableToken(false);
    expect(second).toMatchObject({ expires_in: 7_200 });
    expect(second.access_token).not.toBe(first.access_token);
    expect(errcodeOf(tokens, first.access_token)).toBeUndefined();
    at(7_200);
    expect(errcodeOf(tokens, first.access_token)).toBe(42001);
    expect(errcodeOf(tokens, second.access_token)).toBeUndefined();
  });

  test("token replaces its own token, which lives five minutes more, and leaves the stable one alone", () => {
    const tokens = openTokens();
    const stable = tokens.stableToken(false).access_token;
    const first = tokens.plainToken().access_token;
    tokens.plainToken();
    at(299);
    expect(errcodeOf(tokens, first)).toBeUndefined();
    at(300);
    expect(errcodeOf(tokens, first)).toBe(42001);
    expect(errcodeOf(tokens, stable)).toBeUndefined();
  });

  test("a forced refresh ends the token before, at most every thirty seconds and twenty times a day", () => {
    const tokens = openTokens();
    const first = tokens.stableToken(false).access_token;
    const second = tokens.stableToken(true).access_token;
    expect(errcodeOf(tokens, first)).toBe(40001);
    at(29);
    expect(tokens.stableToken(true).access_token).toBe(second);
    for (let n = 1; n < 20; n++) {
      at(n * 30);
      tokens.stableToken(true);
    }
    at(600);
    expect(() => tokens.stableToken(true)).toThrow(/quota/);
    expect(tokens.stableToken(false).expires_in).toBeGreaterThan(0);
  });

  test("two thousand plain tokens a day, China's day", () => {
    const tokens = openTokens();
    for (let n = 0; n < 2_000; n++) tokens.plainToken();
    expect(() => tokens.plainToken()).toThrow(/quota/);
    at(16 * 3_600);
    expect(tokens.plainToken().expires_in).toBe(7_200);
  });

  test("tokens survive a restart, also as revoked", () => {
    const folder = temporaryFolder();
    const before = openTokens(folder);
    const revoked = before.stableToken(false).access_token;
    before.revokeAll();
    const kept = before.stableToken(false).access_token;
    const after = openTokens(folder);
    expect(after.stableToken(false).access_token).toBe(kept);
    expect(errcodeOf(after, revoked)).toBe(40001);
  });
});

describe("over HTTP", async () => {
  const { origin } = await runningSimulator();

  test("both endpoints grant tokens", async () => {
    for (const answer of [
      await wechat(origin, "/cgi-bin/token", APP),
      await wechat(origin, "/cgi-bin/stable_token", {}, APP),
    ]) {
      expect(answer).toEqual({
        access_token: expect.stringMatching(/^[\w-]{100,}$/),
        expires_in: expect.any(Number),
      });
    }
  });

  test.each([
    [{ appid: "wx0" }, 40013],
    [{ secret: "guess" }, 40125],
    [{ appid: "" }, 41002],
    [{ secret: "" }, 41004],
    [{ grant_type: "x" }, 40002],
  ])("%o answers errcode %i at both", async (changed, errcode) => {
    expect(await wechat(origin, "/cgi-bin/token", { ...APP, ...changed })).toMatchObject({ errcode });
    expect(await wechat(origin, "/cgi-bin/stable_token", {}, { ...APP, ...changed })).toMatchObject({
      errcode,
    });
  });

  test("a call without a token, with a malformed, unknown or invalidated one, is rejected", async () => {
    const errcode = async (token: string) => (await face(origin, "getinfo", {}, token))["errcode"];
    expect(await errcode("")).toBe(41001);
    expect(await errcode("a b")).toBe(40014);
    expect(await errcode("x".repeat(100))).toBe(40001);
    const token = await stableToken(origin);
    expect(await errcode(token)).toBe(84001);
    await control(origin, "POST", "wechat/invalidate-token");
    expect(await errcode(token)).toBe(40001);
    expect(await stableToken(origin)).not.toBe(token);
  });

  test("40164 can be planned, and the calls are counted", async () => {
    const counted = async () => (await control(origin, "GET", "calls")).body as Record<string, number>;
    const before = (await counted())["stable_token"] ?? 0;
    await control(origin, "POST", "faults", { api: "stable_token", kind: "40164", count: 1 });
    expect(await wechat(origin, "/cgi-bin/stable_token", {}, APP)).toMatchObject({ errcode: 40164 });
    await stableToken(origin);
    expect((await counted())["stable_token"]).toBe(before + 2);
  });
});
