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

test("no function that issues tokens is larger than 520 KB", () => {
  const issuing = Object.entries(sizes).filter(([name]) => name.startsWith("token-"));
  expect(issuing).toHaveLength(4);
  expect(issuing.filter(([, bytes]) => bytes > 520 * 1024)).toEqual([]);
});

test("the function that logs users in is not larger than 300 KB", () => {
  expect(sizes["login"]).toBeLessThanOrEqual(300 * 1024);
});

test("no function is larger than 640 KB", () => {
  expect(Object.entries(sizes).filter(([, bytes]) => bytes > 640 * 1024)).toEqual([]);
});

test("no function makes Node load its fetch or HTTP/2 when it starts", () => {
  // Node itself says which of its modules it has loaded.
  const script = `
    for (const path of process.argv.slice(1)) require(path);
    console.log(JSON.stringify(process.moduleLoadList));
    process.exit();`;
  const bundles = Object.keys(sizes).map((name) => join(folder, "dist", name, "index.js"));
  expect(bundles.length).toBeGreaterThan(0);
  const loaded = execFileSync(process.execPath, ["-e", script, ...bundles], { encoding: "utf8" });
  expect(loaded).toContain("NativeModule https");
  expect(loaded).not.toMatch(/internal\/deps\/undici|NativeModule http2/);
});
