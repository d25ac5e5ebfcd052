/** What went wrong with a provider, in the one vocabulary that all provider clients share. */

/**
 * - `unavailable`: no answer, a timeout, a 5xx or the vendor's own internal error; later may work.
 * - `rate-limited`: too many calls per second; later will work.
 * - `malformed`: an answer came that is not what the vendor documents; nothing may be concluded from it.
 * - `configuration`: key, rule, merchant or account state is wrong; a person has to mend it.
 * - `rejected`: the vendor refuses this input; repeating it is useless.
 * - `unknown-token`: the vendor has never issued this token.
 * - `purged`: the vendor has deleted the result (three days after the token was created).
 */
export type ProviderErrorKind =
  | "unavailable"
  | "rate-limited"
  | "malformed"
  | "configuration"
  | "rejected"
  | "unknown-token"
  | "purged";

/** Thrown by every provider client, and nothing else is. Its message names call and code, never input or token. */
export class ProviderError extends Error {
  override readonly name = "ProviderError";
  /** The vendor's own code, such as `InvalidParameterValue.RuleIdNotExist` or `40029`, if it gave one. */
  readonly code?: string;
  /** The vendor's id of the request, for its support. */
  readonly requestId?: string;
  /** After how long the same call may succeed, where the vendor says it. */
  readonly retryAfterSeconds?: number;
  /** The address from which the vendor saw the call come, where it refuses that address and names it. */
  readonly ip?: string;

  constructor(
    readonly kind: ProviderErrorKind,
    /** The vendor's name of the call, such as `DetectAuth`. */
    readonly operation: string,
    details: {
      code?: string | undefined;
      requestId?: string | undefined;
      ip?: string | undefined;
      cause?: unknown;
      hint?: string;
      retryAfterSeconds?: number | undefined;
    } = {},
  ) {
    const code = details.code ? ` (${details.code})` : "";
    const hint = details.hint ? `: ${details.hint}` : "";
    super(`${operation}: ${kind}${code}${hint}`, { cause: details.cause });
    if (details.code) this.code = details.code;
    if (details.requestId) this.requestId = details.requestId;
    if (details.retryAfterSeconds !== undefined) this.retryAfterSeconds = details.retryAfterSeconds;
    if (details.ip) this.ip = details.ip;
  }

  /** True for what usually passes within minutes: no answer at all, not even an error in the vendor's words, or too many calls. */
  get isPassing(): boolean {
    return this.kind === "rate-limited" || (this.kind === "unavailable" && this.code === undefined);
  }

  /** True if the same call may succeed later without anybody changing anything. */
  get retryable(): boolean {
    return this.kind === "unavailable" || this.kind === "rate-limited" || this.kind === "malformed";
  }
}
