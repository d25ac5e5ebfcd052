import { expect, onTestFinished, test, vi } from "vitest";
import { KeyRefusedError, MasterKeyMissingError } from "../../shared/crypto/seal.ts";
import { log } from "../../shared/runtime/log.ts";
import { withKeys } from "../../shared/store/row-keys.ts";

test.each([
  [new MasterKeyMissingError("k1"), "MASTER_KEY", 'lacks the key "k1"'],
  [new KeyRefusedError("k1"), "MASTER_KEY", 'another key under the id "k1"'],
  [new KeyRefusedError("ap-guangzhou/one"), "KMS_KEY_ID", 'its key "ap-guangzhou/one"'],
])("%s is the fault of the setting %s, and calls people", async (error, setting, message) => {
  const logged = vi.spyOn(log, "error").mockReturnValue(undefined);
  onTestFinished(() => logged.mockRestore());
  await expect(withKeys(() => Promise.reject(error))).rejects.toMatchObject({
    code: "misconfigured",
    problems: [{ setting, message: expect.stringContaining(message) }],
    cause: error,
  });
  expect(logged.mock.calls.map(([facts]) => facts)).toEqual([
    { alarm: "master_key_missing", keyId: error.keyId },
  ]);
});

test("what has nothing to do with keys stays what it is", async () => {
  const error = new TypeError("not iterable");
  await expect(withKeys(() => Promise.reject(error))).rejects.toBe(error);
  expect(await withKeys(() => 7)).toBe(7);
});
