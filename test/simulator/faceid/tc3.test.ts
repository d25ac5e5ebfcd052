import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { canonicalRequest, parseAuthorization, signature } from "../../../simulator/faceid/tc3.ts";

// The known-answer vector of the public specification of signature v3 (DescribeInstances of cvm).
const body = Buffer.from(
  '{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}',
);
const parts = {
  headers: [
    ["content-type", "application/json; charset=utf-8"],
    ["host", "cvm.tencentcloudapi.com"],
    ["x-tc-action", "DescribeInstances"],
  ],
  body,
  timestamp: "1551113065",
  date: "2019-02-25",
  service: "cvm",
} as const;

test("the canonical request of the published vector has the published hash", () => {
  const hash = createHash("sha256").update(canonicalRequest(parts)).digest("hex");
  expect(hash).toBe("7019a55be8395899b900fb5564e4200d984910f34794a27cb3fb7d10ff6a1e84");
});

test("the signature of the published vector is the published one", () => {
  expect(signature(parts, "Gu5t9xGARNpq86cd98joQYCN3*******")).toBe(
    "be4f67d323c78ab9acb7395e43c0dbcf822a9cfac32fea2449a7bc7726b770a3",
  );
});

test.each([
  ["nothing", ""],
  [
    "another algorithm",
    `HMAC-SHA1 Credential=a/2019-02-25/cvm/tc3_request, SignedHeaders=host, Signature=${"0".repeat(64)}`,
  ],
  ["no scope", `TC3-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=${"0".repeat(64)}`],
  [
    "a short signature",
    "TC3-HMAC-SHA256 Credential=a/2019-02-25/cvm/tc3_request, SignedHeaders=host, Signature=00",
  ],
])("an Authorization header with %s is not parsed", (_, header) => {
  expect(parseAuthorization(header)).toBeUndefined();
});
