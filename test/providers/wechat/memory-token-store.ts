/** An AccessTokenStore that many caches share, as slow as a database across a network; each step is atomic as a statement. */
import { setTimeout as sleep } from "node:timers/promises";
import type { AccessTokenStore, StoredAccessToken } from "../../../shared/providers/wechat/access-token.ts";

export class MemoryTokenStore implements AccessTokenStore {
  stored: StoredAccessToken | undefined;
  leaseUntil: Date | undefined;
  reads = 0;

  async read() {
    this.reads += 1;
    await this.#latency();
    return this.stored;
  }

  async acquireRefresh(seen: number | undefined, now: Date, until: Date) {
    await this.#latency();
    if (this.stored?.version !== seen || (this.leaseUntil && this.leaseUntil > now)) return false;
    this.leaseUntil = until;
    return true;
  }

  async replace(
    seen: number | undefined,
    next: Omit<StoredAccessToken, "version">,
  ): Promise<StoredAccessToken> {
    await this.#latency();
    if (this.stored && this.stored.version !== seen) return this.stored;
    this.leaseUntil = undefined;
    this.stored = { ...next, version: (seen ?? 0) + 1 };
    return this.stored;
  }

  async releaseRefresh(seen: number | undefined) {
    await this.#latency();
    if (this.stored?.version === seen) this.leaseUntil = undefined;
  }

  #latency() {
    return sleep(Math.random() * 20);
  }
}
