/** What HTTP itself refuses: requests whose fault has a status of its own. */
import { InvalidRequestError } from "../runtime/errors.ts";

/** A request that is wrong before anybody reads it. */
export abstract class HttpStatusError extends InvalidRequestError {
  abstract readonly status: number;
}

/** Thrown when a body is over the limit. */
export class BodyTooLargeError extends HttpStatusError {
  readonly status = 413;
}

/** Thrown when a path exists and the method does not. */
export class MethodNotAllowedError extends HttpStatusError {
  readonly status = 405;
}
