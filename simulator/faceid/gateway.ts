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
import { CloudError, cloudErrorFormat, failed, succeeded } from "./envelope.ts";

/** The fields of a success, without the envelope. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * One action of the API. It checks the parameters in the raw body and returns the call to carry out, because rate limits
 * count only valid calls. Both may throw CloudError.
 */
export type Action = (body: Buffer) => () => Fields;

/** One product of TencentCloud API: what its requests must say. */
export interface Product {
  /** The first label of its host, and the service in the scope of a signature. */
  readonly service: string;
  readonly version: string;
  readonly needsRegion: boolean;
}

export const FACEID: Product = { service: "faceid", version: "2018-03-01", needsRegion: false };

/** The common part of TencentCloud API 3.0: checks each request and calls its action. */
export class Gateway {
  constructor(
    private readonly context: { readonly clock: Clock; readonly faults: Faults; readonly limits: RateLimits },
    private readonly actions: ReadonlyMap<string, { readonly product: Product; readonly action: Action }>,
  ) {}

  /** A POST to `/`. Errors are HTTP 200 with `Response.Error`. */
  handle(incoming: Incoming): Answer {
    return catchErrors(() => {
      const [name, action] = this.authenticate(incoming);
      return this.context.faults.withFault(name, () =>
        catchErrors(() => {
          const call = action(incoming.body);
          return this.context.limits.allows(name) ? succeeded(call()) : cloudErrorFormat.rateLimit();
        }),
      );
    });
  }

  /** Checks the request in the order of the signature's specification and returns the name and the action. */
  private authenticate(incoming: Incoming): [string, Action] {
    const authorization = authorizationOf(incoming);
    const name = commonParameter(incoming, "Action");
    const version = commonParameter(incoming, "Version");
    const timestamp = commonParameter(incoming, "Timestamp");
    const { action, product } = this.actions.get(name) ?? {};
    if (!action || !product) {
      throw new CloudError("InvalidAction", "The request action is invalid or not found in this version.");
    }
    if (version !== product.version)
      throw new CloudError("NoSuchVersion", "The version of the API does not exist.");
    if (product.needsRegion) commonParameter(incoming, "Region");
    const credential = credentialOf(authorization);
    checkScope(authorization, product.service, timestamp, this.context.clock.now());
    checkToken(incoming, credential);
    // The body of an oversized request is not kept, so its signature cannot be checked.
    if (incoming.tooLarge) {
      throw new CloudError("RequestSizeLimitExceeded", "The request is larger than 10 MB.");
    }
    checkSignature(incoming, authorization, timestamp, credential);
    if (!/^application\/json(\s*;|$)/i.test(incoming.headers["content-type"] ?? "")) {
      throw new CloudError("UnsupportedProtocol", "The Content-Type of a POST is application/json.");
    }
    return [name, action];
  }
}

function catchErrors(call: () => Answer): Answer {
  try {
    return call();
  } catch (error) {
    if (error instanceof CloudError) return failed(error.code, error.message);
    throw error;
  }
}
