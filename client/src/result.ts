/** How a verification ends. */

/** How a verification ended for the person at the phone. Only the server's answer makes it `passed`. */
export interface Result {
  /**
   * - `passed`, `failed`: the server says so. A failed try of a verification that is still open is `failed` too.
   * - `pending`: no result before the deadline, or the network is away. Call `resume()` later.
   * - `cancelled`: the person did not finish.
   * - `unsupported`: it cannot work on this device, in this app, or as this app is set up; `code` says why.
   */
  status: "passed" | "failed" | "pending" | "cancelled" | "unsupported";
  /** Offer another try: call `verify()`, or `prepare()` and `start()`, again. A token that allows it is used again. */
  canRetry: boolean;
  /** For the person, in the language of the client. */
  message: string;
  /** Stable: the server's reason (`liveness_failed`, …), or one of this package (README). */
  code: string;
  /** Absent if it ended before a token was issued. */
  verificationId?: string;
}
