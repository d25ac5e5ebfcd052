import type { Clock } from "../clock.ts";
import type { Answer, Incoming } from "../exchange.ts";
import type { Faults } from "../faults.ts";
import type { RateLimits } from "../rate-limits.ts";
import {
  authorizationOf,
  checkScope,
  checkSignature,
  checkToken,
  commonParameter,
  credentialOf,
} from "./authentication.ts";
import { CloudError, cloudDialect, failed, succeeded } from "./envelope.ts";

/** The fields of a success, without the envelope. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * One action of the API. It is called with the raw body, checks the parameters, and gives back the call to carry out:
 * rate limits count only calls that are well-formed. Both may throw CloudError.
 */
export type Action = (body: Buffer) => () => Fields;

const VERSION = "2018-03-01";

/** What the gateway stands on. */
export interface GatewayParts {
  readonly clock: Clock;
  readonly faults: Faults;
  readonly limits: RateLimits;
}

/** The front door of TencentCloud API 3.0: signs nothing off that the real one would not. */
export class Gateway {
  constructor(
    private readonly parts: GatewayParts,
    private readonly actions: ReadonlyMap<string, Action>,
  ) {}

  /** A POST to `/`. Errors are HTTP 200 with `Response.Error`. */
  handle(incoming: Incoming): Answer {
    return guarded(() => {
      const name = this.authenticated(incoming);
      const action = this.actions.get(name);
      if (!action) throw new CloudError("InvalidAction", "The action is not known.");
      return this.parts.faults.during(name, () => guarded(() => this.carriedOut(name, action, incoming)));
    });
  }

  /** Checks the request in the order of the signature's specification and gives the name of the action. */
  private authenticated(incoming: Incoming): string {
    const authorization = authorizationOf(incoming);
    const action = commonParameter(incoming, "Action");
    const version = commonParameter(incoming, "Version");
    const timestamp = commonParameter(incoming, "Timestamp");
    if (!this.actions.has(action)) {
      throw new CloudError("InvalidAction", "The request action is invalid or not found in this version.");
    }
    if (version !== VERSION) throw new CloudError("NoSuchVersion", "The version of the API does not exist.");
    const credential = credentialOf(authorization);
    checkScope(authorization, timestamp, this.parts.clock.now());
    checkToken(incoming, credential);
    // The body of an oversized request is not kept, so that its signature cannot be checked.
    if (incoming.tooLarge)
      throw new CloudError("RequestSizeLimitExceeded", "The request is larger than 10 MB.");
    checkSignature(incoming, authorization, timestamp, credential);
    if (!/^application\/json(\s*;|$)/i.test(incoming.headers["content-type"] ?? "")) {
      throw new CloudError("UnsupportedProtocol", "The Content-Type of a POST is application/json.");
    }
    return action;
  }

  private carriedOut(name: string, action: Action, incoming: Incoming): Answer {
    const call = action(incoming.body);
    return this.parts.limits.allows(name) ? succeeded(call()) : cloudDialect.rateLimit();
  }
}

function guarded(call: () => Answer): Answer {
  try {
    return call();
  } catch (error) {
    if (error instanceof CloudError) return failed(error.code, error.message);
    throw error;
  }
}
