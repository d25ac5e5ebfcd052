/** The one error of the message push. */

/**
 * - `query`: a parameter is missing, repeated or of another shape.
 * - `signature`: neither the current nor a previous Token makes it.
 * - `timestamp`: more than five minutes old, or as far ahead.
 * - `mode`: weaker than, or other than, the configured mode: no `msg_signature`, or encrypted where plain is configured.
 * - `ciphertext`: no configured key opens it; which step failed is not said.
 * - `appid`: it was encrypted for another app.
 * - `body`: too large, or not a flat JSON or XML message.
 */
export type PushErrorReason = "query" | "signature" | "timestamp" | "mode" | "ciphertext" | "appid" | "body";

/** Thrown when a push may have no effect. Its message never quotes the push. */
export class PushError extends Error {
  override readonly name = "PushError";

  constructor(
    readonly reason: PushErrorReason,
    /**
     * True if the sender knows the Token and signed within the last five minutes, so it is WeChat and waits for `success`.
     * Without that answer WeChat sends the event again, and then pauses the push of every event for a minute.
     */
    readonly isFromWechat = false,
  ) {
    super(`The push is refused: ${reason}`);
  }
}
