import { randomBytes } from "node:crypto";
import { join } from "node:path";
import * as z from "zod";
import type { Clock } from "../clock.ts";
import { Journal } from "../journal.ts";
import { WechatError } from "./api.ts";

const LIFETIME_MS = 7_200_000;
/** `stable_token` changes five minutes before its end; a token replaced by `token` lives as much longer. */
const OVERLAP_MS = 300_000;
const FORCED_INTERVAL_MS = 30_000;
const MAX_FORCED_PER_DAY = 20;
const MAX_PLAIN_PER_DAY = 2_000;
const DAY_MS = 86_400_000;
const CHINA_OFFSET_MS = 8 * 3_600_000;

const issued = z.object({
  token: z.string(),
  by: z.enum(["token", "stable_token"]),
  expiresAt: z.number(),
  revoked: z.boolean(),
});

type IssuedToken = z.infer<typeof issued>;

/** A token with its remaining lifetime in whole seconds. */
export type Grant = { readonly access_token: string; readonly expires_in: number };

/** The access tokens of the mini-program, from two APIs that do not affect each other. */
export class AccessTokens {
  private readonly journal: Journal<IssuedToken>;
  private readonly current = new Map<IssuedToken["by"], IssuedToken>();
  private readonly plain: DailyQuota;
  private readonly forced: DailyQuota;
  private forcedAt = Number.NEGATIVE_INFINITY;

  constructor(
    folder: string,
    private readonly clock: Clock,
  ) {
    this.journal = new Journal(join(folder, "access-tokens.jsonl"), issued, ({ token }) => token);
    this.plain = new DailyQuota(clock, MAX_PLAIN_PER_DAY);
    this.forced = new DailyQuota(clock, MAX_FORCED_PER_DAY);
    for (const token of this.journal.all()) if (!token.revoked) this.current.set(token.by, token);
    clock.onReset(() => this.correctFutureTimes());
    this.correctFutureTimes();
  }

  /** `GET /cgi-bin/token`: each call replaces the token; the one before lives five minutes more. */
  plainToken(): Grant {
    this.plain.use();
    const before = this.current.get("token");
    if (before) {
      this.put({ ...before, expiresAt: Math.min(before.expiresAt, this.clock.now() + OVERLAP_MS) });
    }
    return this.grant(this.issue("token"));
  }

  /** `POST /cgi-bin/stable_token`: the same token again while it lives for more than five minutes. */
  stableToken(forceRefresh: boolean): Grant {
    const now = this.clock.now();
    const before = this.current.get("stable_token");
    const usable = before !== undefined && !before.revoked && before.expiresAt - now > OVERLAP_MS;
    if (forceRefresh && now - this.forcedAt >= FORCED_INTERVAL_MS) {
      this.forced.use();
      this.forcedAt = now;
      if (before) this.put({ ...before, revoked: true });
      return this.grant(this.issue("stable_token"));
    }
    return this.grant(usable ? before : this.issue("stable_token"));
  }

  /** Throws for a call without a usable token: 41001, 40014, 40001 or 42001. */
  check(token: string | null): void {
    if (token === null || token === "") throw new WechatError(41001, "access_token missing");
    if (!/^[A-Za-z0-9_-]{16,512}$/.test(token)) throw new WechatError(40014, "invalid access_token");
    const known = this.journal.get(token);
    if (!known || known.revoked) {
      throw new WechatError(40001, "invalid credential, access_token is invalid or not latest");
    }
    if (known.expiresAt <= this.clock.now()) throw new WechatError(42001, "access_token expired");
  }

  /** Revokes every usable token, as a refresh elsewhere does; returns how many there were. */
  revokeAll(): number {
    const usable = [...this.journal.all()].filter(
      ({ revoked, expiresAt }) => !revoked && expiresAt > this.clock.now(),
    );
    for (const token of usable) this.put({ ...token, revoked: true });
    return usable.length;
  }

  private issue(by: IssuedToken["by"]): IssuedToken {
    const token = `sim_${randomBytes(100).toString("base64url")}`;
    return this.put({ token, by, expiresAt: this.clock.now() + LIFETIME_MS, revoked: false });
  }

  private put(token: IssuedToken): IssuedToken {
    this.journal.put(token);
    const current = this.current.get(token.by);
    if (!current || current.token === token.token || !token.revoked) this.current.set(token.by, token);
    return token;
  }

  private grant({ token, expiresAt }: IssuedToken): Grant {
    return { access_token: token, expires_in: Math.floor((expiresAt - this.clock.now()) / 1_000) };
  }

  /** After a reset of the clock: what was issued in the future counts as issued now. */
  private correctFutureTimes(): void {
    const now = this.clock.now();
    this.forcedAt = Math.min(this.forcedAt, now);
    for (const token of [...this.journal.all()]) {
      if (token.expiresAt > now + LIFETIME_MS) this.put({ ...token, expiresAt: now + LIFETIME_MS });
    }
  }
}

/** Calls per day in China's time. Above the limit every call fails with 45009 until the day is over. */
class DailyQuota {
  private day = 0;
  private used = 0;

  constructor(
    private readonly clock: Clock,
    private readonly limit: number,
  ) {}

  /** Uses one call. */
  use(): void {
    const today = Math.floor((this.clock.now() + CHINA_OFFSET_MS) / DAY_MS);
    if (today !== this.day) this.used = 0;
    this.day = today;
    if (this.used >= this.limit) throw new WechatError(45009, "reach max api daily quota limit");
    this.used += 1;
  }
}
