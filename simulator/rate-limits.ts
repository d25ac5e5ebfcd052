/**
 * Calls per second and API, counted over any second (not per clock second) of the machine's time: moving the simulated
 * clock does not allow more calls.
 */
export class RateLimits {
  private readonly limits: Map<string, number | null>;
  private readonly recent = new Map<string, number[]>();

  /** `defaults` are the published limits by API name; null is no limit. */
  constructor(private readonly defaults: ReadonlyMap<string, number | null>) {
    this.limits = new Map(defaults);
  }

  /** The APIs that can be limited. */
  names(): string[] {
    return [...this.defaults.keys()];
  }

  /** Sets the calls per second of an API; null removes the limit. */
  set(api: string, perSecond: number | null): void {
    this.limits.set(api, perSecond);
    this.recent.delete(api);
  }

  /** Whether one more call is allowed now. Only allowed calls are counted. */
  allows(api: string, nowMs = performance.now()): boolean {
    const limit = this.limits.get(api) ?? null;
    if (limit === null) return true;
    const calls = this.recent.get(api) ?? [];
    const oldest = calls[0];
    if (calls.length >= limit && oldest !== undefined && nowMs - oldest < 1_000) return false;
    if (calls.length >= limit) calls.shift();
    calls.push(nowMs);
    this.recent.set(api, calls);
    return true;
  }
}
