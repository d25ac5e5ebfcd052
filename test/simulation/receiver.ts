/** The merchant's receiver of events, in the place of the network under `node:http`. */
import { EventEmitter } from "node:events";
import http, { type RequestOptions } from "node:http";
import { syncBuiltinESMExports } from "node:module";
import { Webhook } from "standardwebhooks";
import * as z from "zod";
import { thisInstance } from "./instance.ts";

/** Where events go. */
export const RECEIVER = {
  url: "http://receiver.simulation.invalid/events",
  secret: `whsec_${Buffer.alloc(32, 5).toString("base64")}`,
  mayBePrivate: true,
};

const bodySchema = z.object({
  type: z.string(),
  timestamp: z.string(),
  data: z.record(z.string(), z.unknown()),
});

/** An event as the receiver got it. */
export interface TakenEvent extends z.infer<typeof bodySchema> {
  readonly id: string;
}

/** What came, and how the receiver is. */
export interface ReceiverState {
  readonly taken: TakenEvent[];
  /** Bodies as they came. */
  readonly bodies: string[];
  /** Signatures that did not verify. */
  forged: number;
  /** Answers the status instead of 204. */
  trouble: () => number | undefined;
}

/** A receiver that has got nothing yet. */
export const newReceiver = (): ReceiverState => ({
  taken: [],
  bodies: [],
  forged: 0,
  trouble: () => undefined,
});

const headersSchema = z.record(z.string(), z.string());

function take(state: ReceiverState, headers: Record<string, string>, body: string): number {
  state.bodies.push(body);
  const status = state.trouble();
  if (status !== undefined) return status;
  try {
    new Webhook(RECEIVER.secret).verify(body, headers);
  } catch {
    state.forged += 1;
    return 401;
  }
  state.taken.push({ id: headers["webhook-id"] ?? "", ...bodySchema.parse(JSON.parse(body)) });
  return 204;
}

/** A request of `node:http`, as far as it is used. */
class SimulatedRequest extends EventEmitter {
  constructor(
    private readonly options: RequestOptions,
    private readonly state: () => ReceiverState,
  ) {
    super();
  }

  end(body: string): this {
    const call = thisInstance().call<number>({
      seam: "webhook",
      label: "post",
      signal: this.options.signal,
      trouble: () => Object.assign(new Error("socket hang up"), { code: "ECONNRESET" }),
      work: () => take(this.state(), headersSchema.parse(this.options.headers), body),
    });
    call.then(
      (statusCode) => this.emit("response", { statusCode, on: () => ({ destroy: () => {} }) }),
      (error: unknown) => this.emit("error", error),
    );
    return this;
  }
}

/** Takes over the outgoing requests of this process, for good. */
export function takeOverRequests(state: () => ReceiverState): void {
  Object.assign(http, {
    request: (_: URL, options: RequestOptions) => new SimulatedRequest(options, state),
  });
  syncBuiltinESMExports();
}
