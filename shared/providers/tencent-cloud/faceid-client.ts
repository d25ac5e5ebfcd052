/**
 * The SDK's client for service `faceid`, version 2018-03-01. Deep import of the one service: the whole package costs 200 ms
 * of cold start. In a file of its own, so that what only asks KMS does not carry it.
 */
import { Client } from "tencentcloud-sdk-nodejs/tencentcloud/services/faceid/v20180301/faceid_client.js";
import type * as z from "zod/mini";
import type { LongValues } from "../long-values.ts";
import { type CallOptions, withinTimeLimit } from "../time-limit.ts";
import { call } from "./call.ts";
import { type Bounds, boundedRequest, type CallLimits, type TencentCloudOptions } from "./clients.ts";
import { keepAliveAgent } from "./transport.ts";

/** What a query for evidence may be given besides its time. */
export interface RawOptions extends CallOptions {
  /**
   * Takes long values out of the answer while it is read, which counts as time of the call; in their place is an empty text.
   * Must not throw; what the connection throws comes to the reader of the value.
   */
  readonly longValues?: LongValues | undefined;
}

/** Makes one call through the SDK's client and parses its answer. Throws only `ProviderError`. */
export type FaceIdCall = <T extends z.core.$ZodType>(
  operation: string,
  schema: T,
  limits: CallLimits,
  options: RawOptions,
  send: (client: Client) => Promise<unknown>,
) => Promise<z.infer<T>>;

/** Makes the one way in which FaceID is called; connections are opened at the first call and kept. */
export function faceIdCall({ credential, endpointOverride }: TencentCloudOptions): FaceIdCall {
  const agent = keepAliveAgent(endpointOverride);
  const protocol = endpointOverride ? "http" : "https";
  return (operation, schema, { timeoutMs, maxBytes }, options, send) =>
    withinTimeLimit(operation, timeoutMs, options, (signal) => {
      // A client is only a few fields: one per call carries the call's own signal through the SDK's typed methods.
      const { longValues } = options;
      const client = new BoundedClient({ credential, protocol, agent, maxBytes, signal, longValues });
      return call(operation, schema, () => send(client));
    });
}

/** The SDK's client with its typed methods, but with our exchange in place of its HTTP. */
class BoundedClient extends Client {
  constructor(private readonly bounds: Bounds) {
    super({ credential: {} });
  }

  /** Every method of the SDK's client ends here. */
  override request(action: string, parameters: unknown): Promise<unknown> {
    return boundedRequest(this, this.bounds, action, parameters);
  }
}
