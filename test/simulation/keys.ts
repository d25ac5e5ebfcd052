/** The keys of a world: master keys, or KMS, which is one more provider that may be away. */
import { keyManagement } from "../../shared/app/keys.ts";
import { type Keyring, parseKeyring } from "../../shared/crypto/keyring.ts";
import { open, seal } from "../../shared/crypto/seal.ts";
import type { Kms, KmsKey } from "../../shared/providers/tencent-cloud/index.ts";
import { ask, type ProviderState } from "./provider.ts";
import { theWorld } from "./time.ts";

const masterKey = (id: string, fill: number) => `${id}:${Buffer.alloc(32, fill).toString("base64")}`;
const FIRST = masterKey("key-1", 7);
const SECOND = masterKey("key-2", 9);
const OF_KMS = parseKeyring(masterKey("kms", 11));

/** KMS. Asked by nobody in particular, as by the judge, it answers at once. */
function simulatedKms(state: () => ProviderState): Kms {
  const answer = async (operation: string, work: () => Buffer): Promise<Buffer> =>
    theWorld().current ? ask(state, operation, {}, work) : work();
  const contextOf = ({ context }: KmsKey) => JSON.stringify(context);
  return {
    encrypt: (key, plain) => answer("Encrypt", () => seal(OF_KMS, contextOf(key), plain)),
    decrypt: (key, ciphertext) => answer("Decrypt", () => open(OF_KMS, contextOf(key), ciphertext)),
  };
}

/** Before a rotation, and from then on: by the master key, by KMS, or from one to the other. */
export function drawKeyrings(state: () => ProviderState): readonly [Keyring, Keyring] {
  const client = simulatedKms(state);
  const keyring = (keys: string, keyId?: string): Keyring => ({
    ...parseKeyring(keys),
    kms: keyManagement(keyId, () => client),
  });
  return theWorld().chance.oneOf([
    [keyring(FIRST), keyring(`${SECOND},${FIRST}`)],
    [keyring(FIRST), keyring(`${SECOND},${FIRST}`)],
    [keyring(FIRST), keyring(FIRST, "ap-guangzhou/first")],
    [keyring(FIRST, "ap-guangzhou/first"), keyring(FIRST, "ap-guangzhou/second")],
  ]);
}
