import type { Clock } from "./clock.ts";
import type { Route } from "./exchange.ts";
import type { Action, Product } from "./faceid/gateway.ts";
import type { ErrorFormat, Faults } from "./faults.ts";
import type { FlowControl } from "./flows.ts";
import type { Evidence } from "./media/evidence.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { Settings } from "./settings.ts";

/** What all simulated services share. */
export interface SimulatorContext {
  readonly settings: Settings;
  /** The address of the pages, without a trailing slash. */
  readonly origin: string;
  /** The folder for what was issued. */
  readonly folder: string;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly limits: RateLimits;
  readonly evidence: Evidence;
}

/** One API of a service, by the name used in faults and limits. */
interface Api {
  readonly name: string;
  readonly errorFormat: ErrorFormat;
  /** The published limit in calls per second; null where none is simulated. */
  readonly perSecond: number | null;
}

/** A service that answers. */
interface RunningService {
  readonly routes: readonly Route[];
  /** Of TencentCloud API; FaceID if absent. */
  readonly product?: Product;
  /** The actions of TencentCloud API that it adds, by X-TC-Action. */
  readonly actions?: Readonly<Record<string, Action>>;
  /** One for each kind of token that it issues. */
  readonly controls: readonly FlowControl[];
}

/** A vendor's service as this simulator imitates it. */
export interface SimulatedService {
  readonly apis: readonly Api[];
  /** Loads what was issued before, and answers from then on. */
  start(context: SimulatorContext): RunningService;
}
