/** Single checks of the doctor, on addresses and configurations that a stack of its own cannot have. */
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { functionManifests } from "../../../tools/build/function-manifest.ts";
import { readBundle } from "../../../tools/build/serverless-yml.ts";
import { addressChecks } from "../../../tools/doctor/addresses.ts";
import type { Check } from "../../../tools/doctor/check.ts";
import { deployedChecks } from "../../../tools/doctor/deployed.ts";
import { eidChecks } from "../../../tools/doctor/eid.ts";
import { settingsChecks } from "../../../tools/doctor/settings.ts";
import { compareClock, tencentCloudChecks } from "../../../tools/doctor/tencent-cloud.ts";
import { type Answer, scriptedServer } from "../../providers/wechat/scripted-server.ts";
import { selfSigned } from "./certificate.ts";
import { resultOf } from "./run.ts";

function named(checks: readonly Check[], name: string): Check {
  const found = checks.find((check) => check.name === name);
  if (!found) throw new Error(`there is no check ${name}`);
  return found;
}

const simulated = { SIMULATOR_URL: "http://127.0.0.1:4999" };

/** Answers every request with this status and body. */
const answering =
  (status: number, body = "", type = "text/plain"): Answer =>
  (response) => {
    response.writeHead(status, { "content-type": type }).end(body);
  };

describe("the doctor's list of functions", () => {
  test("is that of serverless.yml, and every HTTP function is asked behind PUBLIC_URL", () => {
    const { functions } = readBundle();
    expect(Object.keys(functionManifests).sort()).toEqual(Object.keys(functions).sort());
    const http = Object.values(functions).filter((entry) => entry.http);
    expect(deployedChecks.map((check) => check.name).sort()).toEqual(
      http.map(({ name }) => `${name} behind PUBLIC_URL`).sort(),
    );
  });

  test("counts a role as the key of the functions, which the doctor itself does not have", async () => {
    const env = { SCF_ROLE: "zhenren", DATABASE_URL: "postgres://a@b/c", MASTER_KEY: `1:${"A".repeat(43)}=` };
    expect(await resultOf(named(settingsChecks, "settings of h5-landing"), env)).toEqual({
      result: "passed",
    });
    expect(
      await resultOf(named(tencentCloudChecks, "TENCENT_SECRET_ID and TENCENT_SECRET_KEY"), env),
    ).toMatchObject({
      result: "not checked",
      why: expect.stringContaining("role"),
    });
  });

  test("does without login where an issuer of its own logs users in", async () => {
    const env = {
      AUTH_JWKS_URL: "https://issuer.example/keys",
      WECHAT_APP_ID: "wx0",
      WECHAT_APP_SECRET: "0",
    };
    expect(await resultOf(named(settingsChecks, "settings of login"), env)).toMatchObject({
      result: "not checked",
    });
  });
});

describe("a configuration for the cloud", () => {
  test("may not have an address that only this machine can reach", async () => {
    const here = { PUBLIC_URL: "http://127.0.0.1:3000" };
    expect(await resultOf(named(addressChecks, "PUBLIC_URL"), here)).toMatchObject({
      result: "failed",
      fix: expect.stringContaining("https"),
    });
  });

  test("may not have an eID key beyond the order of the curve", async () => {
    const check = named(eidChecks, "EID_PRIVATE_KEY");
    expect(await resultOf(check, { EID_PRIVATE_KEY: "f".repeat(64) })).toMatchObject({ result: "failed" });
    expect(await resultOf(check, { EID_PRIVATE_KEY: "0".repeat(63) })).toMatchObject({ result: "failed" });
    expect(await resultOf(check, { EID_PRIVATE_KEY: `${"0".repeat(63)}1` })).toEqual({
      result: "passed",
      // The public key of 1 is the generator itself (GB/T 32918.5, sm2p256v1).
      detail: expect.stringContaining("0432c4ae2c1f1981"),
    });
  });
});

describe("an address", () => {
  test("whose certificate nobody trusts fails with that reason", async () => {
    const server = createServer(selfSigned("127.0.0.1"), (_, response) => response.end("{}"));
    await once(server.listen(0, "127.0.0.1"), "listening");
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const env = { AUTH_JWKS_URL: `https://127.0.0.1:${port}/keys` };
    expect(await resultOf(named(addressChecks, "AUTH_JWKS_URL"), env)).toMatchObject({
      result: "failed",
      why: "Its certificate is not valid (DEPTH_ZERO_SELF_SIGNED_CERT).",
    });
  });

  test.each([
    ["a key set", answering(200, '{"keys":[{"kty":"EC"}]}'), "passed"],
    ["an empty key set", answering(200, '{"keys":[]}'), "failed"],
    ["a page", answering(200, "<html>"), "failed"],
    ["a login", answering(302, '{"keys":[{"kty":"EC"}]}'), "failed"],
  ])("of an issuer that answers %s", async (_, answer, result) => {
    const { baseUrl } = await scriptedServer(answer);
    const check = named(addressChecks, "AUTH_JWKS_URL");
    expect(await resultOf(check, { ...simulated, AUTH_JWKS_URL: baseUrl })).toMatchObject({ result });
  });

  test.each([
    [405, "passed"],
    [404, "passed"],
    [502, "failed"],
  ])("of a receiver of events that answers OPTIONS with %i, and gets no event", async (status, result) => {
    const { baseUrl, received } = await scriptedServer(answering(status));
    const env = { ...simulated, WEBHOOK_URL: baseUrl, WEBHOOK_SECRET: `whsec_${"A".repeat(32)}` };
    expect(await resultOf(named(addressChecks, "WEBHOOK_URL"), env)).toMatchObject({ result });
    expect(received).toMatchObject([{ method: "OPTIONS", body: "" }]);
  });
});

describe("what answers in place of a function", () => {
  const problem = (status: number, code: string) =>
    answering(status, JSON.stringify({ code, requestId: "1" }), "application/problem+json; charset=utf-8");
  const env = { ...simulated, FACEID_RULE_ID_H5: "sim-rule-h5" };

  test.each([
    ["somebody else's page", answering(404, "nginx", "text/html"), "failed", /is not this function/],
    ["a function without its settings", problem(500, "misconfigured"), "failed", /settings are missing/],
    ["a function without its database", problem(503, "provider_unavailable"), "failed", /503/],
    ["another function of the bundle", problem(404, "not_found"), "not checked", /no common host/],
  ])("%s is told apart", async (_, answer, result, why) => {
    const { baseUrl } = await scriptedServer(answer);
    const check = named(deployedChecks, "token-h5 behind PUBLIC_URL");
    expect(await resultOf(check, { ...env, PUBLIC_URL: `${baseUrl}/prefix` })).toMatchObject({
      result,
      why: expect.stringMatching(why),
    });
  });
});

test("a page that is not found is a landing page of ours only if it says so itself", async () => {
  const check = named(deployedChecks, "h5-landing behind PUBLIC_URL");
  const other = await scriptedServer(answering(404, "<html>Not found</html>", "text/html"));
  expect(await resultOf(check, { ...simulated, PUBLIC_URL: other.baseUrl })).toMatchObject({
    result: "failed",
  });
});

describe("the clock of a service", () => {
  test.each([
    [0, { result: "passed" }],
    [600, { result: "failed", why: expect.stringMatching(/6(00|01) s behind/) }],
    [-600, { result: "failed", why: expect.stringMatching(/(599|600) s ahead/) }],
  ])("%i seconds from ours", async (seconds, expected) => {
    const { baseUrl } = await scriptedServer((response) => {
      response.setHeader("date", new Date(Date.now() + seconds * 1000).toUTCString()).end();
    });
    expect(await compareClock(baseUrl)).toMatchObject(expected);
  });

  test("that is not there cannot be compared", async () => {
    expect(await compareClock("http://127.0.0.1:4999")).toMatchObject({ result: "not checked" });
  });
});
