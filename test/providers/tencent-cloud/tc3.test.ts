import { createRequire } from "node:module";
import fc from "fast-check";
import { expect, test } from "vitest";
import * as z from "zod";
import { authorization } from "../../../shared/providers/tencent-cloud/tc3.ts";

/** The SDK's own signature is the oracle. */
const { sign3 } = z
  .object({ default: z.custom<{ sign3(parts: object): string }>((value) => typeof value === "function") })
  .parse(createRequire(import.meta.url)("tencentcloud-sdk-nodejs/tencentcloud/common/sign.js")).default;

test("a request is signed as the vendor's SDK signs it, whatever its body, keys and time", () => {
  const parts = fc.record({
    body: fc.uint8Array({ minLength: 1 }),
    secretId: fc.stringMatching(/^AKID[A-Za-z0-9]{1,32}$/),
    secretKey: fc.string({ minLength: 1 }),
    timestamp: fc.integer({ min: 0, max: 4_102_444_800 }),
    service: fc.constantFrom("faceid", "kms"),
  });
  fc.assert(
    fc.property(parts, ({ body, service, ...rest }) => {
      const host = `${service}.tencentcloudapi.com`;
      const payload = Buffer.from(body);
      const expected = sign3({
        method: "POST",
        url: `https://${host}/`,
        payload,
        service,
        headers: { "Content-Type": "application/json" },
        multipart: false,
        ...rest,
      });
      expect(authorization({ host, contentType: "application/json", body: payload, ...rest })).toBe(expected);
    }),
  );
});
