import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { descriptions } from "../../shared/config/descriptions/index.ts";
import { bundles } from "../support/run-parts.ts";

let distDir = "";
beforeAll(async () => {
  distDir = await bundles();
});

/** What the client of each vendor says and nothing else of ours: FaceID's host, an API of WeChat's face check. */
const TENCENT = "faceid.tencentcloudapi.com";
const WECHAT = "getuseridkey";

test.each([
  ["token-mini-program", [TENCENT]],
  ["token-h5", [TENCENT]],
  ["token-eid", [TENCENT]],
  ["token-wechat", [WECHAT]],
  ["wechat-push", [WECHAT]],
  ["h5-landing", [TENCENT]],
  ["login", []],
  ["console", []],
  ["verification", [TENCENT, WECHAT]],
  ["reconcile", [TENCENT, WECHAT]],
  ["archive", [TENCENT, WECHAT]],
])("%s is built with the clients of its own channels and of no other: %j", (name, wanted) => {
  const code = readFileSync(join(distDir, name, "index.js"), "utf8");
  expect([TENCENT, WECHAT].filter((sign) => code.includes(sign))).toEqual(wanted);
});

test("no bundle holds what only people and tools read about settings", () => {
  const texts = Object.values(descriptions).map(({ zh }) => zh);
  for (const name of readdirSync(distDir, { withFileTypes: true })) {
    if (!name.isDirectory()) continue;
    const code = readFileSync(join(distDir, name.name, "index.js"), "utf8");
    expect(code).toContain("DATABASE_URL");
    expect(texts.filter((text) => code.includes(text))).toEqual([]);
  }
});
