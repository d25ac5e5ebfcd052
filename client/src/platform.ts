/** What the client needs of the place where it runs. */
import type { Channel, Start } from "./contract.ts";
import type { WxLike } from "./mini-program/wx.ts";
import type { EndCode } from "./texts.ts";
import type { WebLike } from "./web/web.ts";

/** An HTTP answer. */
export interface HttpAnswer {
  status: number;
  /** With names in small letters. */
  headers: Readonly<Record<string, string>>;
  /** Parsed, if it is JSON. */
  body: unknown;
}

/** Keeps one text over restarts of the app. */
export interface Storage {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
  remove(key: string): void;
}

/** How the vendor's part ended, as the device says. It decides only how the server is asked, never the result. */
export interface Ending {
  /**
   * - `finished`: the person came to an end; the result may take a moment.
   * - `left`: back without a word, or with a failure that only the device reports.
   * - `cancelled`, `unsupported`: as the device says.
   */
  how: "finished" | "left" | "cancelled" | "unsupported";
  code?: EndCode;
  /** WeChat v1. */
  verifyResult?: string;
}

/** In place of the vendor's part: what the person chose. */
export type Simulator = (
  place: { send: Platform["send"] } & (
    | { wx: Pick<WxLike, "showActionSheet">; document?: undefined }
    | { wx?: undefined; document: WebLike["document"] }
  ),
  channel: Channel,
  start: Start,
) => Promise<Ending>;

/** An end before a token was issued. */
export interface Refusal {
  how: "cancelled" | "unsupported";
  code: EndCode;
}

/** The place where the client runs. */
export interface Platform {
  /** Rejects when no answer comes. */
  send(request: {
    method: "GET" | "POST";
    url: string;
    headers: Record<string, string>;
    body: string | undefined;
  }): Promise<HttpAnswer>;
  /** A code of `wx.login`. */
  loginCode(): Promise<string>;
  storage: Storage;
  /** A plain dialog. `onYes` is called inside the tap that confirms it. */
  confirm(title: string, content: string, yes: string, onYes?: () => void): Promise<boolean>;
  /** Whether this channel can work here, and the privacy agreement. */
  check(channel: Channel): Promise<Refusal | undefined>;
  /** Whether `open` has to be called inside a tap. */
  needsTap(channel: Channel): boolean;
  /**
   * Calls the vendor's function before it returns. `end` is called once or never; `look` when the result may be known although
   * nothing was called back.
   */
  open(channel: Channel, start: Start, end: (ending: Ending) => void, look: () => void): void;
  /** Calls back when the app or page is shown again. */
  onShow(callback: () => void): void;
  /** The verification named in the address of a page that was returned to; a hint. */
  returnedFrom?(): string | undefined;
}
