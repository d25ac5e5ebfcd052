/** What `npm run examples` would say of builds with something wrong in them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { clientModule } from "../../../tools/build/client-bundle.ts";
import { examineBuilt } from "../../../tools/examples/built.ts";

const folder = mkdtempSync(join(tmpdir(), "zhenren-built-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const client = await clientModule("uni");
const simulator = await clientModule("simulator");

/** The problems of a good build in which some files are others, or missing. */
function problemsWith(changes: Readonly<Record<string, string | undefined>>): string[] {
  const built = mkdtempSync(join(folder, "built-"));
  const files = {
    "app.json": '{"pages":["pages/index/index"],"__usePrivacyCheck__":true}',
    "project.config.json": '{"libVersion":"3.8.12","setting":{"urlCheck":true}}',
    "app.js": client,
    "pages/index/index.js": "Page({});",
    "pages/index/index.json": "{}",
    "pages/index/index.wxml": "<view/>",
    ...changes,
  };
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(built, file)), { recursive: true });
    if (text !== undefined) writeFileSync(join(built, file), text);
  }
  return examineBuilt(built).problems;
}

test("a whole build has no problem", () => {
  expect(problemsWith({})).toEqual([]);
});

test.each([
  ["a page without a template", { "pages/index/index.wxml": undefined }, /no pages\/index\/index\.wxml/],
  [
    "a privacy check that is off",
    { "app.json": '{"pages":["pages/index/index"]}' },
    /app\.json: .*__usePrivacyCheck__/s,
  ],
  ["no client", { "app.js": "App({});" }, /client is in it 0 times/],
  ["two copies of the client", { "pages/index/index.js": client }, /client is in it 2 times/],
  ["the simulator", { "vendor.js": simulator }, /simulator is in it/],
  ["far too much code", { "vendor.js": "//".padEnd(700_000, "x") }, /bytes are more than/],
  [
    "a mistake that the doctor knows",
    { "vendor.js": 'wx.request({ url: "http://127.0.0.1:3000" })' },
    /local-published/,
  ],
])("%s is one", (_, changes, problem) => {
  expect(problemsWith(changes)).toContainEqual(expect.stringMatching(problem));
});
