/** The keys of a verification's row, and what is said where one cannot be had. */
import { openDataKey } from "../crypto/data-key.ts";
import type { KeyOptions, Keyring, SealingKeys } from "../crypto/keyring.ts";
import { KeyRefusedError, MasterKeyMissingError } from "../crypto/seal.ts";
import { MisconfiguredError, type SettingProblem } from "../runtime/errors.ts";
import { logAlarm } from "../runtime/log.ts";
import type { VerificationRow } from "./schema.ts";

/**
 * The keys that open a row. Throws {@link MisconfiguredError} where the one that it needs is missing or refused, and
 * `ProviderError` where KMS does not answer.
 */
export const openKeys = (
  keyring: Keyring,
  row: Pick<VerificationRow, "id" | "dataKey">,
  options?: KeyOptions,
): Promise<SealingKeys> => withKeys(() => openDataKey(keyring, row.id, row.dataKey, options));

/**
 * Runs what opens sealed values. Where the key of one is missing from `MASTER_KEY`, or does not open what it wrapped, the
 * deployment is at fault: an alarm says so, and {@link MisconfiguredError} names the key's id. The person's verification waits
 * unharmed until the key is back.
 */
export async function withKeys<T>(work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof MasterKeyMissingError || error instanceof KeyRefusedError)) throw error;
    logAlarm("master_key_missing", { keyId: error.keyId });
    throw new MisconfiguredError([keyProblem(error)], { cause: error });
  }
}

function keyProblem(error: MasterKeyMissingError | KeyRefusedError): SettingProblem {
  const id = JSON.stringify(error.keyId);
  if (error instanceof MasterKeyMissingError) {
    return {
      setting: "MASTER_KEY",
      message: `lacks the key ${id}, which sealed what is stored: append it again`,
    };
  }
  return error.keyId.includes("/")
    ? {
        setting: "KMS_KEY_ID",
        message: `KMS does not open what its key ${id} wrapped: enable it, and let the role use it`,
      }
    : {
        setting: "MASTER_KEY",
        message: `has another key under the id ${id} than the one that sealed what is stored`,
      };
}
