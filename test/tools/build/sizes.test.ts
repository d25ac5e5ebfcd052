/** What a cold start has to load. Limits are in kilobytes of 1,024 bytes, as `npm run build` prints them. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
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

test("no function that issues tokens is larger than 265 KB, and 325 KB with the cryptography of eID", () => {
  const issuing = Object.entries(sizes).filter(([name]) => name.startsWith("token-"));
  expect(issuing).toHaveLength(4);
  const limit = (name: string) => (name === "token-eid" ? 325 : 265) * 1024;
  expect(issuing.filter(([name, bytes]) => bytes > limit(name))).toEqual([]);
});

test("the function that logs users in is not larger than 108 KB", () => {
  expect(sizes["login"]).toBeLessThanOrEqual(108 * 1024);
});

test("no function is larger than 440 KB", () => {
  expect(Object.entries(sizes).filter(([, bytes]) => bytes > 440 * 1024)).toEqual([]);
});

/** Of Node's own modules, what no cold start needs; names as Node itself writes them. */
const NEEDLESS =
  /NativeModule (http2|assert|worker_threads|zlib|stream\/web|internal\/crypto\/webcrypto)"|deps\/undici/;

test("no function makes Node load its fetch, HTTP/2, compression, WebCrypto, web streams, assertions or workers when it starts", () => {
  // Node itself says which of its modules it has loaded.
  const script = `
    for (const path of process.argv.slice(1)) require(path);
    console.log(JSON.stringify(process.moduleLoadList));
    process.exit();`;
  const bundles = Object.keys(sizes).map((name) => join(folder, "dist", name, "index.js"));
  expect(bundles.length).toBeGreaterThan(0);
  const loaded = execFileSync(process.execPath, ["-e", script, ...bundles], { encoding: "utf8" });
  expect(loaded).toContain('"NativeModule https"');
  expect(loaded).not.toMatch(NEEDLESS);
});

test("random bytes do not come from WebCrypto, which Node would load for the first of them", () => {
  // eID's cryptography knows WebCrypto too, and makes no keys here.
  const names = Object.keys(sizes).filter((name) => /^(login|token-(?!eid))/.test(name));
  expect(names).toHaveLength(4);
  const using = names.filter((name) =>
    /\.getRandomValues\b|[^.\w]crypto\.randomUUID\b/.test(
      readFileSync(join(folder, "dist", name, "index.js"), "utf8"),
    ),
  );
  expect(using).toEqual([]);
});
