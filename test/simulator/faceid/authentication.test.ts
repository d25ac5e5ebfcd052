import { expect, test } from "vitest";
import { runningSimulator } from "../running.ts";
import { call, type Tampering } from "./client.ts";

const { port } = await runningSimulator();
const parameters = { RuleId: "sim-rule-h5" };
const now = () => Math.floor(Date.now() / 1000);
const rejected = async (tampering: Tampering, action = "DetectAuth") =>
  (await call(port, action, parameters, tampering)).code;

test("a correctly signed request is carried out", async () => {
  const { code, response } = await call(port, "DetectAuth", parameters);
  expect(code).toBeUndefined();
  expect(response["BizToken"]).toMatch(/^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/);
});

test("the Host header may be the simulator's own address", async () => {
  expect(await rejected({ host: `127.0.0.1:${port}` })).toBeUndefined();
});

test("a temporary key needs its token, and a permanent key has none", async () => {
  const temporary = { secretId: "sim-temporary-secret-id", secretKey: "sim-temporary-secret-key" };
  expect(await rejected(temporary)).toBe("AuthFailure.TokenFailure");
  expect(await rejected({ ...temporary, headers: { "x-tc-token": "sim-temporary-token" } })).toBeUndefined();
  expect(await rejected({ headers: { "x-tc-token": "sim-temporary-token" } })).toBe(
    "AuthFailure.TokenFailure",
  );
});

test.each<[string, Tampering, string]>([
  ["without Authorization", { headers: { authorization: undefined } }, "AuthFailure.InvalidAuthorization"],
  ["with another scheme", { headers: { authorization: "Bearer abc" } }, "AuthFailure.InvalidAuthorization"],
  ["without X-TC-Action", { headers: { "x-tc-action": undefined } }, "MissingParameter"],
  ["without X-TC-Version", { headers: { "x-tc-version": undefined } }, "MissingParameter"],
  ["without X-TC-Timestamp", { headers: { "x-tc-timestamp": undefined } }, "MissingParameter"],
  ["of an unknown action", { headers: { "x-tc-action": "DetectNothing" } }, "InvalidAction"],
  ["of an unknown version", { headers: { "x-tc-version": "2017-01-01" } }, "NoSuchVersion"],
  ["with a malformed SecretId", { secretId: "a!b" }, "AuthFailure.InvalidSecretId"],
  ["with an unknown SecretId", { secretId: "AKIDunknownunknown" }, "AuthFailure.SecretIdNotFound"],
  ["with another key", { secretKey: "guess" }, "AuthFailure.SignatureFailure"],
  ["with the date of another day", { date: "2020-01-01" }, "AuthFailure.SignatureFailure"],
  ["for another service", { service: "cvm" }, "AuthFailure.SignatureFailure"],
  [
    "with unsorted SignedHeaders",
    { signedHeaders: ["host", "content-type"] },
    "AuthFailure.SignatureFailure",
  ],
  [
    "with capitals in SignedHeaders",
    { signedHeaders: ["Content-Type", "host"] },
    "AuthFailure.SignatureFailure",
  ],
  ["that leaves the host unsigned", { signedHeaders: ["content-type"] }, "AuthFailure.SignatureFailure"],
  ["that leaves the content type unsigned", { signedHeaders: ["host"] }, "AuthFailure.SignatureFailure"],
  [
    "with a header changed",
    { headers: { "content-type": "application/json; a=b" } },
    "AuthFailure.SignatureFailure",
  ],
  [
    "with the same JSON in other bytes",
    { sentBody: '{"RuleId": "sim-rule-h5"}' },
    "AuthFailure.SignatureFailure",
  ],
  ["with a body that is no JSON type", { contentType: "text/plain" }, "UnsupportedProtocol"],
])("a request %s is rejected", async (_, tampering, code) => {
  expect(await rejected(tampering)).toBe(code);
});

test("a timestamp may be 299 seconds off either way, and not 302", async () => {
  expect(await rejected({ timestamp: now() - 299 })).toBeUndefined();
  expect(await rejected({ timestamp: now() + 299 })).toBeUndefined();
  expect(await rejected({ timestamp: now() - 302 })).toBe("AuthFailure.SignatureExpire");
  expect(await rejected({ timestamp: now() + 302 })).toBe("AuthFailure.SignatureExpire");
});

test("a body of more than 10 MB is rejected", async () => {
  const { code } = await call(port, "DetectAuth", { RuleId: "x".repeat(10 * 1024 * 1024) });
  expect(code).toBe("RequestSizeLimitExceeded");
});
