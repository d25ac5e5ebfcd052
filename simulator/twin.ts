import type { Clock } from "./clock.ts";
import type { Route } from "./exchange.ts";
import type { FaultDialect, Faults } from "./faults.ts";
import type { FlowControl } from "./flow-control.ts";
import type { Evidence } from "./media/evidence.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { Settings } from "./settings.ts";

/** What all twins share. */
export interface World {
  readonly settings: Settings;
  /** Where the pages are found, without a slash at the end. */
  readonly origin: string;
  /** The folder for what was issued. */
  readonly folder: string;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly limits: RateLimits;
  readonly evidence: Evidence;
}

/** One call of a service, by the name used in faults and limits. */
export interface Api {
  readonly name: string;
  readonly dialect: FaultDialect;
  /** The published limit in calls a second; null where none is simulated. */
  readonly perSecond: number | null;
}

/** The twin of one service. */
export interface Twin {
  readonly apis: readonly Api[];
  /** Takes up what was issued before and answers from then on. */
  open(world: World): { readonly routes: readonly Route[]; readonly control?: FlowControl };
}
