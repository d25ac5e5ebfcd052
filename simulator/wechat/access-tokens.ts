import { randomBytes } from "node:crypto";
import { join } from "node:path";
import * as z from "zod";
import type { Clock } from "../clock.ts";
import { Journal } from "../journal.ts";
import { DailyQuota } from "./daily-quota.ts";
import { WeChatError } from "./envelope.ts";

const LIFE_MS = 7_200_000;
/** `stable_token` rolls over five minutes early; a token replaced by `token` lives as much longer. */
const OVERLAP_MS = 300_000;
const FORCED_APART_MS = 30_000;
const FORCED_A_DAY = 20;
const PLAIN_A_DAY = 2_000;

const issued = z.object({
  token: z.string(),
  by: z.enum(["token", "stable_token"]),
  expiresAt: z.number(),
  revoked: z.boolean(),
});

type Issued = z.infer<typeof issued>;

/** A token with the whole seconds that it still lives. */
export interface Grant {
  readonly access_token: string;
  readonly expires_in: number;
}

/** The access tokens of the mini-program: two ways to get one, isolated from each other, and what each still opens. */
export class AccessTokens {
  private readonly journal: Journal<Issued>;
  private readonly current = new Map<Issued["by"], Issued>();
  private readonly plain: DailyQuota;
  private readonly forced: DailyQuota;
  private forcedAt = Number.NEGATIVE_INFINITY;

  constructor(
    folder: string,
    private readonly clock: Clock,
  ) {
    this.journal = new Journal(join(folder, "access-tokens.jsonl"), issued, ({ token }) => token);
    this.plain = new DailyQuota(clock, PLAIN_A_DAY);
    this.forced = new DailyQuota(clock, FORCED_A_DAY);
    for (const token of this.journal.all()) if (!token.revoked) this.current.set(token.by, token);
  }

  /** `GET /cgi-bin/token`: each call replaces the token; the one before lives five minutes more. */
  plainToken(): Grant {
    this.plain.use();
    const before = this.current.get("token");
    if (before) {
      this.keep({ ...before, expiresAt: Math.min(before.expiresAt, this.clock.now() + OVERLAP_MS) });
    }
    return this.grant(this.issue("token"));
  }

  /** `POST /cgi-bin/stable_token`: the same token again while it has more than five minutes to live. */
  stableToken(forceRefresh: boolean): Grant {
    const now = this.clock.now();
    const before = this.current.get("stable_token");
    const usable = before !== undefined && !before.revoked && before.expiresAt - now > OVERLAP_MS;
    if (forceRefresh && now - this.forcedAt >= FORCED_APART_MS) {
      this.forced.use();
      this.forcedAt = now;
      if (before) this.keep({ ...before, revoked: true });
      return this.grant(this.issue("stable_token"));
    }
    return this.grant(usable ? before : this.issue("stable_token"));
  }

  /** Refuses a call whose token does not open anything: 41001, 40014, 40001 or 42001. */
  check(token: string | null): void {
    if (token === null || token === "") throw new WeChatError(41001, "access_token missing");
    if (!/^[A-Za-z0-9_-]{16,512}$/.test(token)) throw new WeChatError(40014, "invalid access_token");
    const known = this.journal.get(token);
    if (!known || known.revoked) {
      throw new WeChatError(40001, "invalid credential, access_token is invalid or not latest");
    }
    if (known.expiresAt <= this.clock.now()) throw new WeChatError(42001, "access_token expired");
  }

  /** Makes every token useless, as a refresh elsewhere does; answers how many there were. */
  revokeAll(): number {
    const usable = [...this.journal.all()].filter(
      ({ revoked, expiresAt }) => !revoked && expiresAt > this.clock.now(),
    );
    for (const token of usable) this.keep({ ...token, revoked: true });
    return usable.length;
  }

  private issue(by: Issued["by"]): Issued {
    const token = `sim_${randomBytes(100).toString("base64url")}`;
    return this.keep({ token, by, expiresAt: this.clock.now() + LIFE_MS, revoked: false });
  }

  private keep(token: Issued): Issued {
    this.journal.put(token);
    const current = this.current.get(token.by);
    if (!current || current.token === token.token || !token.revoked) this.current.set(token.by, token);
    return token;
  }

  private grant({ token, expiresAt }: Issued): Grant {
    return { access_token: token, expires_in: Math.floor((expiresAt - this.clock.now()) / 1_000) };
  }
}
