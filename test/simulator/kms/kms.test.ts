/** The simulated KMS, asked by the vendor's own client and by ours. */
import http from "node:http";
import net from "node:net";
import { kms as sdk } from "tencentcloud-sdk-nodejs/tencentcloud/services/kms/index.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { keyManagement } from "../../../shared/app/keys.ts";
import { newDataKey, openDataKey, rewrapDataKey } from "../../../shared/crypto/data-key.ts";
import { parseKeyring } from "../../../shared/crypto/keyring.ts";
import { KeyRefusedError, open, seal } from "../../../shared/crypto/seal.ts";
import { ProviderError } from "../../../shared/providers/provider-error.ts";
import { kms } from "../../../shared/providers/tencent-cloud/index.ts";
import { control, runningSimulator } from "../running.ts";

const keyring = parseKeyring(`k1:${Buffer.alloc(32, 1).toString("base64")}`);
const secretId = "sim-secret-id";
const secretKey = "sim-secret-key";
const plain = Buffer.alloc(32, 5);
const context = JSON.stringify({ verificationId: "ver_1" });

let [port, origin] = [0, ""];
beforeAll(async () => {
  ({ port, origin } = await runningSimulator());
});

const vendorsClient = (region: string) => {
  const agent = new http.Agent();
  Object.assign(agent, { createConnection: () => net.connect(port, "127.0.0.1") });
  afterAll(() => agent.destroy());
  return new sdk.v20190118.Client({
    credential: { secretId, secretKey },
    region,
    profile: { httpProfile: { protocol: "http://", agent, reqTimeout: 20 } },
  });
};

const ourClient = () =>
  kms({
    credential: () => ({ secretId, secretKey }),
    endpointOverride: { host: "127.0.0.1", port },
  });

/** The keyring of a deployment with this `KMS_KEY_ID`. */
const ring = (keyId: string | undefined) => ({ ...keyring, kms: keyManagement(keyId, ourClient()) });

describe("the simulated KMS", () => {
  test("opens for the vendor's client what ours wrapped, and the other way round", async () => {
    const key = { region: "ap-guangzhou", keyId: "sim-kms-key", context: { verificationId: "ver_1" } };
    const vendors = vendorsClient("ap-guangzhou");
    const wrapped = await ourClient().encrypt(key, plain);
    const opened = await vendors.Decrypt({
      CiphertextBlob: wrapped.toString("base64"),
      EncryptionContext: context,
    });
    expect(opened).toMatchObject({ KeyId: "sim-kms-key", Plaintext: plain.toString("base64") });
    const { CiphertextBlob = "" } = await vendors.Encrypt({
      KeyId: "sim-kms-key",
      Plaintext: plain.toString("base64"),
      EncryptionContext: context,
    });
    expect(await ourClient().decrypt(key, Buffer.from(CiphertextBlob, "base64"))).toEqual(plain);
  });

  test("refuses another context, a changed ciphertext, an unknown key and a request without a region", async () => {
    const vendors = vendorsClient("ap-guangzhou");
    const { CiphertextBlob = "" } = await vendors.Encrypt({
      KeyId: "sim-kms-key",
      Plaintext: plain.toString("base64"),
      EncryptionContext: context,
    });
    const bytes = Buffer.from(CiphertextBlob, "base64");
    bytes[30] = (bytes[30] ?? 0) ^ 1;
    const code = "InvalidParameterValue.InvalidCiphertext";
    await expect(vendors.Decrypt({ CiphertextBlob })).rejects.toMatchObject({ code });
    await expect(
      vendors.Decrypt({ CiphertextBlob: bytes.toString("base64"), EncryptionContext: context }),
    ).rejects.toMatchObject({ code });
    await expect(
      vendors.Encrypt({ KeyId: "nobodys", Plaintext: plain.toString("base64") }),
    ).rejects.toMatchObject({ code: "ResourceUnavailable.CmkNotFound" });
    await expect(
      vendorsClient("").Encrypt({ KeyId: "sim-kms-key", Plaintext: plain.toString("base64") }),
    ).rejects.toMatchObject({ code: "MissingParameter" });
  });
});

describe("a data key in KMS", () => {
  test("opens for its own verification alone, and moves to another key and back to MASTER_KEY", async () => {
    const { keys, wrapped } = await newDataKey(ring("ap-guangzhou/sim-kms-key"), "ver_1");
    const sealed = seal(keys, "place", plain);
    await expect(openDataKey(ring(undefined), "ver_2", wrapped)).rejects.toThrow(KeyRefusedError);
    const moved = await rewrapDataKey(ring("ap-shanghai/sim-kms-key-2"), "ver_1", wrapped);
    const back = await rewrapDataKey(ring(undefined), "ver_1", moved.wrapped);
    for (const each of [wrapped, moved.wrapped, back.wrapped]) {
      expect(open(await openDataKey(ring(undefined), "ver_1", each), "place", sealed)).toEqual(plain);
    }
    expect(open(await openDataKey(keyring, "ver_1", back.wrapped), "place", sealed)).toEqual(plain);
  });

  test("waits for KMS when it is down, and names its key when that is disabled", async () => {
    const keyId = "ap-guangzhou/sim-kms-key";
    const { wrapped } = await newDataKey(ring(keyId), "ver_1");
    const refused = (kind: string) => control(origin, "POST", "faults", { api: "Decrypt", kind, count: 1 });
    await refused("InternalError");
    await expect(openDataKey(ring(keyId), "ver_1", wrapped)).rejects.toMatchObject({ kind: "unavailable" });
    await refused("rate-limit");
    await expect(openDataKey(ring(keyId), "ver_1", wrapped)).rejects.toThrow(ProviderError);
    await refused("ResourceUnavailable.CmkDisabled");
    await expect(openDataKey(ring(keyId), "ver_1", wrapped)).rejects.toMatchObject({
      name: "KeyRefusedError",
      keyId,
    });
    await openDataKey(ring(keyId), "ver_1", wrapped);
  });
});
