import type { Reply } from "./exchange.ts";

/** What `GET /_sim/tokens` tells of a token. */
export interface IssuedToken {
  readonly token: string;
  /** The vendor's name for this sort of token. */
  readonly kind: "BizToken" | "EidToken" | "user_id_key" | "verify_id";
  readonly state: string;
  /** Milliseconds since 1970, simulated. */
  readonly createdAt: number;
  readonly redirectUrl?: string;
}

/** What `POST /_sim/complete` asks for. */
export interface Completion {
  readonly token: string;
  readonly outcome: string;
  readonly push: boolean;
  /** Who finishes it, where the token is bound to nobody (WeChat 1.0); the last one to log in when absent. */
  readonly openid?: string | undefined;
}

/** A twin's side of the controls: it lists what it issued, and lets the person finish. */
export interface FlowControl {
  issued(): IssuedToken[];
  /** The answer of the call, or undefined when the token is none of this twin's. */
  complete(completion: Completion): Reply | undefined;
}
