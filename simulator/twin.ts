import type { Clock } from "./clock.ts";
import type { Route } from "./exchange.ts";
import type { Action } from "./faceid/gateway.ts";
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
interface Api {
  readonly name: string;
  readonly dialect: FaultDialect;
  /** The published limit in calls a second; null where none is simulated. */
  readonly perSecond: number | null;
}

/** A twin at work. */
interface OpenTwin {
  readonly routes: readonly Route[];
  /** The actions that it adds to TencentCloud API's one address, by X-TC-Action. */
  readonly actions?: ReadonlyMap<string, Action>;
  /** One for each kind of token that it issues. */
  readonly controls?: readonly FlowControl[];
}

/** The twin of one service. */
export interface Twin {
  readonly apis: readonly Api[];
  /** Takes up what was issued before and answers from then on. */
  open(world: World): OpenTwin;
}
