/** KMS (密钥管理系统), version 2019-01-18: wraps and unwraps short keys with a key that never leaves it. */
import { Client } from "tencentcloud-sdk-nodejs/tencentcloud/services/kms/v20190118/kms_client.js";
import * as z from "zod/mini";
import { type CallOptions, withinTimeLimit } from "../time-limit.ts";
import { call } from "./call.ts";
import { type Bounds, boundedRequest, TEXT_LIMITS, type TencentCloudOptions } from "./clients.ts";
import { keepAliveAgent } from "./transport.ts";

const base64 = z.base64().check(z.minLength(1));
const encryptAnswer = z.object({ CiphertextBlob: base64 });
const decryptAnswer = z.object({ Plaintext: base64 });

/** One key of KMS, and what the ciphertext is bound to. */
export interface KmsKey {
  readonly region: string;
  readonly keyId: string;
  /** At most 1,024 characters as JSON; to decrypt, the same is needed. */
  readonly context: Readonly<Record<string, string>>;
}

/** The calls that Zhenren makes. Both throw only `ProviderError`, and may be repeated. */
export interface Kms {
  /** At most 4 KB. */
  encrypt(key: KmsKey, plain: Buffer, options?: CallOptions): Promise<Buffer>;
  /** The ciphertext names its key itself; `key` says where it is. */
  decrypt(key: KmsKey, ciphertext: Buffer, options?: CallOptions): Promise<Buffer>;
}

/** The SDK's client with our exchange in place of its HTTP. */
class BoundedClient extends Client {
  constructor(private readonly bounds: Bounds) {
    super({ credential: {} });
  }

  override request(action: string, parameters: unknown): Promise<unknown> {
    return boundedRequest(this, this.bounds, action, parameters);
  }
}

/** Makes a client; connections are opened at the first call and kept. */
export function kms({ credential, endpointOverride }: TencentCloudOptions): Kms {
  const agent = keepAliveAgent(endpointOverride);
  const protocol = endpointOverride ? "http" : "https";
  const { timeoutMs, maxBytes } = TEXT_LIMITS;
  const ask = <T extends z.core.$ZodType>(
    operation: string,
    schema: T,
    { region }: KmsKey,
    options: CallOptions,
    send: (client: Client) => Promise<unknown>,
  ): Promise<z.infer<T>> =>
    withinTimeLimit(operation, timeoutMs, options, (signal) => {
      const client = new BoundedClient({ credential, protocol, agent, maxBytes, signal, region });
      return call(operation, schema, () => send(client));
    });
  return {
    encrypt: async (key, plain, options = {}) => {
      const { CiphertextBlob } = await ask("Encrypt", encryptAnswer, key, options, (client) =>
        client.Encrypt({
          KeyId: key.keyId,
          Plaintext: plain.toString("base64"),
          EncryptionContext: JSON.stringify(key.context),
        }),
      );
      return Buffer.from(CiphertextBlob, "base64");
    },
    decrypt: async (key, ciphertext, options = {}) => {
      const { Plaintext } = await ask("Decrypt", decryptAnswer, key, options, (client) =>
        client.Decrypt({
          CiphertextBlob: ciphertext.toString("base64"),
          EncryptionContext: JSON.stringify(key.context),
        }),
      );
      return Buffer.from(Plaintext, "base64");
    },
  };
}
