/** A deployment that has forgotten more than one thing is told of all of them at once. */
import { afterEach, expect, test, vi } from "vitest";
import { functionManifests } from "../../tools/build/function-manifest.ts";
import { names } from "../config/complaint.ts";
import { real } from "../config/sample.ts";
import { freshFunction } from "./fresh-function.ts";

afterEach(() => vi.unstubAllEnvs());

/** What the first event of a fresh instance is answered. */
async function firstAnswer(name: string, path: string, env: Readonly<Record<string, string>>) {
  vi.stubEnv("LOG_LEVEL", "silent");
  vi.stubEnv("TENCENTCLOUD_SECRETID", "AKIDrole");
  for (const setting of names) vi.stubEnv(setting, env[setting] ?? "");
  const main = await freshFunction(name);
  const answer = await main({ httpMethod: "POST", path, headers: {}, body: "{}" }, {});
  return JSON.stringify(answer);
}

const tooFew: [string, string, Readonly<Record<string, string>>, string[]][] = [
  ["login", "/login", {}, ["WECHAT_APP_ID is", "WECHAT_APP_SECRET is", "AUTH_SECRET is"]],
  ["token-wechat", "/tokens/wechat", {}, ["WECHAT_APP_ID is", "WECHAT_APP_SECRET is", "MASTER_KEY is"]],
  ["wechat-push", "/wechat/push", {}, ["WECHAT_APP_ID is", "WECHAT_PUSH_AES_KEY is", "MASTER_KEY is"]],
  [
    "wechat-push",
    "/wechat/push",
    { WECHAT_PUSH_MODE: "compatible" },
    ["WECHAT_PUSH_AES_KEY is missing for WECHAT_PUSH_MODE=compatible", "WECHAT_PUSH_TOKEN is"],
  ],
  [
    "token-eid",
    "/tokens/eid",
    { EID_INTENTION: "answer" },
    ["EID_INTENTION_TEXT is", "EID_INTENTION_ANSWERS is", "EID_MERCHANT_ID is", "PUBLIC_URL is"],
  ],
  ["token-eid", "/tokens/eid", { EID_INTENTION: "nod" }, ["EID_INTENTION_TEXT is", "MASTER_KEY is"]],
];

test.each(tooFew)("%s names all that it lacks in one error (%s, %j)", async (name, path, env, lacking) => {
  const answer = await firstAnswer(name, path, env);
  expect(answer).toContain("misconfigured");
  for (const text of lacking) expect(answer).toContain(text);
  // The deploy and the doctor say the same.
  for (const text of lacking) expect(() => functionManifests[name]?.read(env)).toThrow(text);
});

test.each(Object.keys(functionManifests))("%s lacks nothing where all is set", (name) => {
  expect(() => functionManifests[name]?.read(real)).not.toThrow();
});
