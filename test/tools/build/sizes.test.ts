/** What a cold start has to load. Limits are in kilobytes of 1,024 bytes, as `npm run build` prints them. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { build } from "../../../tools/build/build.ts";

const folder = mkdtempSync(join(tmpdir(), "zhenren-sizes-"));
let sizes: Record<string, number> = {};
beforeAll(async () => {
  sizes = await build(join(folder, "dist"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("no function that issues tokens is larger than 330 KB, and 390 KB with the cryptography of eID", () => {
  const issuing = Object.entries(sizes).filter(([name]) => name.startsWith("token-"));
  expect(issuing).toHaveLength(4);
  const limit = (name: string) => (name === "token-eid" ? 390 : 330) * 1024;
  expect(issuing.filter(([name, bytes]) => bytes > limit(name))).toEqual([]);
});

test("the function that logs users in is not larger than 120 KB", () => {
  expect(sizes["login"]).toBeLessThanOrEqual(120 * 1024);
});

test("no function is larger than 440 KB", () => {
  expect(Object.entries(sizes).filter(([, bytes]) => bytes > 440 * 1024)).toEqual([]);
});

test("no function makes Node load its fetch, HTTP/2, compression, assertions or workers when it starts", () => {
  // Node itself says which of its modules it has loaded.
  const script = `
    for (const path of process.argv.slice(1)) require(path);
    console.log(JSON.stringify(process.moduleLoadList));
    process.exit();`;
  const bundles = Object.keys(sizes).map((name) => join(folder, "dist", name, "index.js"));
  expect(bundles.length).toBeGreaterThan(0);
  const loaded = execFileSync(process.execPath, ["-e", script, ...bundles], { encoding: "utf8" });
  expect(loaded).toContain("NativeModule https");
  expect(loaded).not.toMatch(/internal\/deps\/undici|NativeModule (http2|assert|worker_threads|zlib)"/);
});
