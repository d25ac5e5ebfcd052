/**
 * The error tree of the domain. Every class says when it is thrown; `code` is the stable word of the contract that
 * callers see in a problem response. Texts are for people and never contain names, ID numbers or tokens.
 */

import type { ErrorCode } from "../contract/problem.ts";
import type { Text } from "../contract/text.ts";

/** The base of all errors that the domain throws on purpose. */
export abstract class ZhenrenError extends Error {
  abstract readonly code: ErrorCode;
  /** Seconds after which trying again makes sense; sent as `Retry-After`. */
  readonly retryAfterSeconds?: number;

  /** `text` is what callers read in their language; the log has it in English, as `message`. */
  constructor(
    readonly text: Text,
    options?: { cause?: unknown; retryAfterSeconds?: number },
  ) {
    super(text.en, options && "cause" in options ? { cause: options.cause } : undefined);
    this.name = new.target.name;
    if (options?.retryAfterSeconds !== undefined) this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** Thrown when input breaks a rule that the caller can read about and mend. */
export class InvalidRequestError extends ZhenrenError {
  readonly code = "invalid_request";
}

/** Thrown when the bearer token is missing, forged, expired or of the wrong shape, or a login code is refused. */
export class UnauthenticatedError extends ZhenrenError {
  readonly code = "unauthenticated";
}

/** Thrown when the caller is known but may not do this. */
export class ForbiddenError extends ZhenrenError {
  readonly code = "forbidden";
}

/** Thrown when nothing of that id exists for this caller; another owner's verification looks the same as none. */
export class NotFoundError extends ZhenrenError {
  readonly code = "not_found";
}

/** Thrown when the request collides with one still being worked on. */
export class ConflictError extends ZhenrenError {
  readonly code = "conflict";
}

/** Thrown when an `Idempotency-Key` comes back with another request. */
export class IdempotencyMismatchError extends ZhenrenError {
  readonly code = "idempotency_mismatch";
}

/** Thrown when an owner or a person has created as many verifications as the limits allow. */
export class RateLimitedError extends ZhenrenError {
  readonly code = "rate_limited";
}

/** Thrown when the channel needs a name and an ID number and the request has none. */
export class IdentityRequiredError extends ZhenrenError {
  readonly code = "identity_required";
}

/** Thrown when the provider, or our own database, cannot be reached or is overloaded: later may work. */
export class UnavailableError extends ZhenrenError {
  readonly code = "provider_unavailable";
}

/** One setting that is missing or wrong. `message` continues a sentence that begins with the setting's name. */
export interface SettingProblem {
  readonly setting: string;
  readonly message: string;
}

/** Thrown when settings are missing or wrong. `problems` names each of them and never repeats a value. */
export class MisconfiguredError extends ZhenrenError {
  readonly code = "misconfigured";

  constructor(
    readonly problems: readonly SettingProblem[],
    options?: { cause?: unknown },
  ) {
    const list = problems.map(describeProblem).join("; ");
    super({ en: `Settings: ${list}.`, zh: `配置有误：${list}。` }, options);
  }
}

/** @example describeProblem({ setting: "MASTER_KEY", message: "is missing" }) // "MASTER_KEY is missing" */
export const describeProblem = ({ setting, message }: SettingProblem): string => `${setting} ${message}`;
