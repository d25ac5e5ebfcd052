/** From settings to the keys that seal: the master keys, and KMS where it wraps data keys or has wrapped some. */
import { tencentCloud, tencentSettings } from "../channels/faceid/tencent-cloud.ts";
import type { SettingsOf } from "../config/read.ts";
import type { KeyManagement, Keyring } from "../crypto/keyring.ts";
import { KeyRefusedError } from "../crypto/seal.ts";
import { ProviderError } from "../providers/provider-error.ts";
import { type Kms, type KmsKey, kms } from "../providers/tencent-cloud/index.ts";

/** The settings of whatever seals or opens. */
export const keySettings = ["MASTER_KEY", "KMS_KEY_ID", ...tencentSettings] as const;

/**
 * The keys of this deployment. KMS is there without `KMS_KEY_ID` too: a deployment that goes back to `MASTER_KEY` still has
 * keys that KMS wrapped.
 */
export const keyringOf = (settings: SettingsOf<typeof keySettings>): Keyring =>
  keyringWith(settings, () => settings);

/** The same where the credentials for KMS are read, and may be missing, only once KMS is needed. */
export function keyringWith(
  { MASTER_KEY, KMS_KEY_ID }: SettingsOf<readonly ["MASTER_KEY", "KMS_KEY_ID"]>,
  access: () => SettingsOf<typeof tencentSettings>,
): Keyring {
  let client: Kms | undefined;
  const connected = () => {
    client ??= kms(tencentCloud(access()));
    return client;
  };
  return { ...MASTER_KEY, kms: keyManagement(KMS_KEY_ID, connected) };
}

/** KMS behind the interface that data keys need. */
export function keyManagement(keyId: string | undefined, client: () => Kms): KeyManagement {
  return {
    keyId,
    encrypt: (id, verificationId, plain, options) =>
      refusalsOf(id, client().encrypt(keyOf(id, verificationId), plain, options)),
    decrypt: (id, verificationId, wrapped, options) =>
      refusalsOf(id, client().decrypt(keyOf(id, verificationId), wrapped, options)),
  };
}

/** `<region>/<id>`, as in `KMS_KEY_ID`. */
function keyOf(id: string, verificationId: string): KmsKey {
  const [region = "", keyId = ""] = id.split("/");
  return { region, keyId, context: { verificationId } };
}

/** Of what waiting alone does not mend, the key's id tells more than the call. */
async function refusalsOf(keyId: string, answer: Promise<Buffer>): Promise<Buffer> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ProviderError && !error.retryable)
      throw new KeyRefusedError(keyId, { cause: error });
    throw error;
  }
}
