import type { Clock } from "../clock.ts";
import { WeChatError } from "./envelope.ts";

const DAY_MS = 86_400_000;
const CHINA_OFFSET_MS = 8 * 3_600_000;

/** Calls a day in China's time; past them every call answers 45009 until the day is over. */
export class DailyQuota {
  private day = 0;
  private used = 0;

  constructor(
    private readonly clock: Clock,
    private readonly limit: number,
  ) {}

  /** Uses one call up. */
  use(): void {
    const today = Math.floor((this.clock.now() + CHINA_OFFSET_MS) / DAY_MS);
    if (today !== this.day) this.used = 0;
    this.day = today;
    if (this.used >= this.limit) throw new WeChatError(45009, "reach max api daily quota limit");
    this.used += 1;
  }
}
