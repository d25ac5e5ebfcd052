/**
 * What the routes take and answer, as types without a library: this package has no dependencies. A test holds them against
 * the schemas of the bundle (shared/contract).
 */

/** The channels. */
export type Channel = "mini-program" | "h5" | "eid" | "wechat";

/** Why a verification stands where it stands. */
export interface Reason {
  code: string;
  /** The provider's own result code. */
  providerCode?: string | undefined;
  message: { zh: string; en: string };
  /** Whether another try could end better. */
  retryable: boolean;
}

/** A verification, as the server knows it. */
export interface Verification {
  verificationId: string;
  channel: Channel;
  status: "pending" | "passed" | "failed" | "expired";
  reference: string | null;
  createdAt: string;
  expiresAt: string;
  settledAt?: string | undefined;
  reason?: Reason | undefined;
  lastAttempt?: Reason | undefined;
  attempts: number;
  identity: "requested" | "provider" | "none";
  canRetry: boolean;
  nextStep: "retry" | "wait" | "restart" | "none";
  archive: {
    status: "due" | "archiving" | "archived" | "skipped" | "lost";
    archivedAt?: string | undefined;
    missing?: { kind: string; reason: string }[] | undefined;
  };
}

/** What the vendor's SDK or WeChat starts with; which field is there depends on the channel. */
export type Start =
  | { bizToken: string }
  | { eidToken: string; url?: string | undefined }
  | { url: string }
  | { verifyId: string }
  | { userIdKey: string };

/** The body of `POST /tokens/…`, as far as a user may send it. */
export interface TokenRequest {
  /** The person to verify. */
  identity?: { name: string; idCardNumber: string } | undefined;
  /** Your own id of the case, at most 128 characters. Put nothing personal in it. */
  reference?: string | undefined;
  /** Channels `h5` and `eid` in a browser: where the landing page sends the browser on to. */
  returnUrl?: string | undefined;
}

/** 201 of `POST /tokens/…`. */
export interface TokenResponse {
  verificationId: string;
  channel: Channel;
  status: Verification["status"];
  expiresAt: string;
  start: Start;
}

/** 200 of `POST /login`. */
export interface LoginResponse {
  accessToken: string;
  expiresIn: number;
}

/** The body of `POST /verifications/{id}/finish`. */
export interface FinishRequest {
  verifyResult?: string | undefined;
  giveUp?: boolean | undefined;
}

/** The body of every error (RFC 9457). */
export interface Problem {
  type: "about:blank";
  title: string;
  status: number;
  detail: string;
  code: string;
  requestId: string;
}
