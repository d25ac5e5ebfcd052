/** What the client throws: a refusal of the server, no answer, or wrong use. Ends of a verification are results, not errors. */
export class ZhenrenError extends Error {
  constructor(
    message: string,
    /** `code` of the server's problem, or `network`, `usage`. */
    readonly code: string,
    /** HTTP status; 0 without an answer. */
    readonly status = 0,
    /** Seconds to wait before it can succeed, as the server says; 0 if it says nothing. */
    readonly retryAfterSeconds = 0,
    /** Find it in the server's log. */
    readonly requestId?: string,
  ) {
    super(message);
    this.name = "ZhenrenError";
  }

  /** Whether the same request may succeed later without a change. */
  get isTemporary(): boolean {
    return (
      this.code === "network" || /^(conflict|rate_limited|provider_unavailable|internal)$/.test(this.code)
    );
  }
}
