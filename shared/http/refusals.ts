/** What HTTP itself refuses: requests whose fault has a status of its own. */
import { InvalidRequest } from "../runtime/errors.ts";

/** A request that is wrong before anybody reads it. */
export abstract class HttpRefusal extends InvalidRequest {
  abstract readonly status: number;
}

/** Thrown when a body is over the limit. */
export class BodyTooLarge extends HttpRefusal {
  readonly status = 413;
}

/** Thrown when a path exists and the method does not. */
export class MethodNotAllowed extends HttpRefusal {
  readonly status = 405;
}
