/** Sends one event as Standard Webhooks (standardwebhooks.com): a signed POST that follows nobody and waits for nobody long. */
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { Webhook } from "standardwebhooks";
import { lookupPublic, requirePublicHost } from "./public-address.ts";

/** Where events go. */
export interface Receiver {
  readonly url: string;
  readonly secret: string;
  /** Whether it may be on this machine or in a private network, as on a developer's. */
  readonly mayBePrivate: boolean;
}

/** What is sent. */
export interface Message {
  readonly id: string;
  readonly type: string;
  readonly createdAt: Date;
  readonly data: unknown;
}

/** How the receiver answered: its status, or why there is none. */
export type Reply =
  | { readonly isTaken: true; readonly status: number }
  | { readonly isTaken: false; readonly status?: number; readonly trouble: string };

/** How long a receiver may take. */
export const DELIVERY_TIMEOUT_MS = 10_000;

/** Posts an event to its receiver. Never throws. */
export async function sendMessage(receiver: Receiver, message: Message, sentAt = new Date()): Promise<Reply> {
  const body = JSON.stringify({
    type: message.type,
    timestamp: message.createdAt.toISOString(),
    data: message.data,
  });
  const headers = {
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    "webhook-id": message.id,
    "webhook-timestamp": String(Math.floor(sentAt.getTime() / 1000)),
    "webhook-signature": new Webhook(receiver.secret).sign(message.id, sentAt, body),
  };
  const signal = AbortSignal.timeout(DELIVERY_TIMEOUT_MS);
  try {
    const status = await post(receiver, headers, body, signal);
    // Redirects are not followed either: a signed event must not go on to another host.
    if (status >= 200 && status < 300) return { isTaken: true, status };
    return { isTaken: false, status, trouble: `HTTP ${status}` };
  } catch (error) {
    return { isTaken: false, trouble: signal.aborted ? "no answer in time" : troubleOf(error) };
  }
}

/** Posts and gives the status; of the answer's body nothing is read. */
function post(
  { url, mayBePrivate }: Receiver,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
): Promise<number> {
  const address = new URL(url);
  const request = address.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    if (!mayBePrivate) requirePublicHost(address);
    request(address, {
      method: "POST",
      headers,
      signal,
      agent: false, // no kept connection: each one has its address checked
      ...(!mayBePrivate && { lookup: lookupPublic }),
    })
      .once("response", (response) => {
        response.on("error", () => {}).destroy();
        resolve(response.statusCode ?? 0);
      })
      .on("error", reject)
      .end(body);
  });
}

const troubles: Readonly<Record<string, string>> = {
  PRIVATE_ADDRESS: "its address is private, local or reserved: events go to public addresses only",
  ENOTFOUND: "its name is not known (ENOTFOUND)",
  ECONNREFUSED: "nobody listens there (ECONNREFUSED)",
};

/** Names the trouble by Node's code; messages would hold the address. */
function troubleOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "no connection";
  return troubles[code] ?? code;
}
