/** What callers of this package see, whichever entry they import. */
import type { Channel, TokenRequest } from "./contract.ts";
import type { Simulator, Storage } from "./platform.ts";
import type { Result } from "./result.ts";

/** What to verify. */
export interface VerifyRequest extends TokenRequest {
  channel: Channel;
}

/** `start()` may be called. */
export interface Ready {
  status: "ready";
  verificationId: string;
}

/** Options of every entry. */
export interface CommonOptions {
  /** Where the routes are: one address, or the address of each path (`/login`, `/tokens/h5`, …) for function URLs. */
  api: string | ((path: string) => string);
  /**
   * A bearer token of your own server for the user who is logged in. It is asked for again after a 401.
   * Mini-programs can leave it out: the client then logs in with `wx.login` and `POST /login`.
   */
  login?: () => Promise<string> | string;
  /**
   * Asks for the separate consent to face processing, before anything is sent. Show your own page with a link to your policy.
   * By default a plain dialog asks.
   */
  consent?: (request: VerifyRequest) => Promise<boolean> | boolean;
  /** `zh` by default. */
  language?: "zh" | "en";
  /** How long to wait for a result after the person has finished. 60 by default. */
  deadlineSeconds?: number;
  /** By default that of the platform. */
  storage?: Storage;
  /** Only with `npm start` on this machine: `simulator(url)` of `zhenren-client/simulator` in place of the camera. */
  simulator?: Simulator;
}

/** A client; make one per app and keep it. */
export interface Client {
  /** Everything in one call: consent, login, token, the person's face, result. While one is under way it is not started twice. */
  verify(request: VerifyRequest): Promise<Result>;
  /** Everything that may come before the tap: checks, privacy, consent, login, token. */
  prepare(request: VerifyRequest): Promise<Ready | Result>;
  /** Opens the camera; call it inside the tap handler, without an `await` before it. */
  start(): Promise<Result>;
  /** After a restart of the app, or back on your web page: what became of the last verification, if one is open. */
  resume(): Promise<Result | undefined>;
  /** Ends a verification that the person does not want to repeat. */
  giveUp(verificationId: string): Promise<Result>;
}
