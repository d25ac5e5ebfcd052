/**
 * The access_token that WeChat's calls carry: fetched by `stable_token`, kept in one store for all instances, refreshed
 * 300 s early by one instance at a time.
 *
 *     read ── serves and not due ──────────────────────────────▶ use it
 *       │ due, expired, none, or the one that failed
 *       ├─ the lease is ours ── stable_token ── replace ───────▶ use the new one
 *       └─ another holds it ──┬─ the old one still serves ─────▶ use the old one
 *                             └─ poll; if the holder dies, its lease runs out and somebody else takes it
 *
 * The lease is tied to the version that was read: an instance that read before the refresh and asks for the lease after it
 * does not get it, so 200 instances that wake at once make one call, not 200 in a row.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { ProviderError } from "../provider-error.ts";
import { type CallOptions, withinTimeLimit } from "../time-limit.ts";
import type { WechatApp } from "./code2session.ts";
import { staleTokenCodes } from "./codes.ts";
import type { WechatClient } from "./http.ts";
import { type AccessToken, getStableToken } from "./stable-token.ts";

/** A token in the store. `version` grows by one with every token stored: it tells two fetches of the same text apart. */
export interface StoredAccessToken extends AccessToken {
  readonly version: number;
}

/** What all instances share; one token per app. Its errors pass through unchanged. Seal the token at rest. */
export interface AccessTokenStore {
  /** The stored token, whatever its age; `undefined` if there has never been one. */
  read(): Promise<StoredAccessToken | undefined>;
  /** Takes the lease until `until`: true only if the stored version is still `seen` and no lease reaches past `now`. */
  acquireRefresh(seen: number | undefined, now: Date, until: Date): Promise<boolean>;
  /** Stores `next` and ends the lease if the stored version is still `seen`; gives what is stored afterwards. */
  replace(seen: number | undefined, next: AccessToken): Promise<StoredAccessToken>;
  /** Ends the lease if the stored version is still `seen`. */
  releaseRefresh(seen: number | undefined): Promise<void>;
}

/** What a cache needs. */
export interface AccessTokensOptions {
  readonly client: WechatClient;
  readonly app: WechatApp;
  readonly store: AccessTokenStore;
  /** The present, as the store's times mean it. */
  readonly now?: () => Date;
  /** Milliseconds of a lease; default 5,000: longer than a call may take (4,000). */
  readonly leaseMs?: number;
  /** Milliseconds to wait for another instance's refresh; default 6,000: longer than a dead holder's lease. */
  readonly waitMs?: number;
}

/** Gives calls a token that serves. */
export interface AccessTokens {
  /**
   * Runs a call with the token. If WeChat says that the token does not serve (40001, 40014, 42001), the token is replaced,
   * unless somebody has done so already, and the call runs once more; a second such answer is thrown as it is. The signal
   * ends the wait for a token, not the search for one, which others may be waiting for; `call` heeds it by itself.
   */
  withAccessToken<T>(call: (accessToken: string) => Promise<T>, options?: CallOptions): Promise<T>;
}

/** The cache of one instance over the shared store. */
export function accessTokens(options: AccessTokensOptions): AccessTokens {
  const { client, app, store } = options;
  const now = options.now ?? (() => new Date());
  const leaseMs = options.leaseMs ?? 5_000;
  const waitMs = options.waitMs ?? 6_000;
  let cached: StoredAccessToken | undefined;
  let flight: { readonly failed: number | undefined; readonly token: Promise<StoredAccessToken> } | undefined;

  /** A token that is not the failed version; callers with the same failed version share one search. */
  function current(failed?: number): Promise<StoredAccessToken> {
    if (cached && cached.version !== failed && cached.refreshAt > now()) return Promise.resolve(cached);
    if (flight && flight.failed === failed) return flight.token;
    const mine = { failed, token: obtain(failed) };
    flight = mine;
    const landed = () => {
      if (flight === mine) flight = undefined;
    };
    mine.token.then(landed, landed);
    return mine.token;
  }

  async function obtain(failed: number | undefined): Promise<StoredAccessToken> {
    const deadlineMs = performance.now() + waitMs;
    for (;;) {
      const stored = await store.read();
      const at = now();
      const serves = stored !== undefined && stored.version !== failed && stored.expiresAt > at;
      if (serves && stored.refreshAt > at) {
        cached = stored;
        return stored;
      }
      if (await store.acquireRefresh(stored?.version, at, new Date(at.getTime() + leaseMs))) {
        cached = await refresh(stored?.version, serves ? stored : undefined);
        return cached;
      }
      if (serves) return stored;
      if (performance.now() > deadlineMs) {
        throw new ProviderError("unavailable", "stable_token", { hint: "another instance is fetching it" });
      }
      await sleep(50 + Math.random() * 100);
    }
  }

  async function refresh(
    seen: number | undefined,
    stillServing: StoredAccessToken | undefined,
  ): Promise<StoredAccessToken> {
    try {
      return await store.replace(seen, await getStableToken(client, app, now()));
    } catch (error) {
      // Above the quota everybody waits the lease out; else the next one may try at once, still one at a time.
      const isQuota = error instanceof ProviderError && error.kind === "rate-limited";
      if (!isQuota) await store.releaseRefresh(seen);
      if (stillServing && error instanceof ProviderError && error.retryable) return stillServing;
      throw error;
    }
  }

  return {
    async withAccessToken(call, options = {}) {
      const token = (failed?: number) =>
        withinTimeLimit("stable_token", waitMs + leaseMs, options, () => current(failed));
      const first = await token();
      try {
        return await call(first.token);
      } catch (error) {
        if (!(error instanceof ProviderError) || !staleTokenCodes.has(error.code ?? "")) throw error;
        return call((await token(first.version)).token);
      }
    },
  };
}
