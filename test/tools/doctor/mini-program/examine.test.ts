/** Mistakes that are planted one at a time into a mini-program without any: each is found, at its line, and nothing else is. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import {
  examineMiniProgram,
  findingLine,
  frameworkProject,
  miniProgramRules,
} from "../../../../tools/doctor/mini-program/index.ts";
import { root } from "../../../docs/markdown.ts";
import { runCommand } from "../../../support/command.ts";

const folder = mkdtempSync(join(tmpdir(), "zhenren-mini-program-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Files = Readonly<Record<string, string | undefined>>;

const eidPages = [
  "mp_ecard_sdk/index/index",
  "mp_ecard_sdk/protocol/service/index",
  "mp_ecard_sdk/protocol/privacy/index",
  "mp_ecard_sdk/protocol/userAccredit/index",
  "mp_ecard_sdk/protocol/eid/index",
];
const pages = ["pages/index/index", "verify_mpsdk/index/index", ...eidPages];

const appJs = `import { initEid } from "./mp_ecard_sdk/main";
const Verify = require("/verify_mpsdk/main");
App({
  onLaunch() {
    Verify.init();
    initEid();
  },
  onShow({ scene, referrerInfo }) {
    if (scene === 1038 && referrerInfo.appId === "wx0e2cb0b052a91c92") return;
    this.refresh();
  },
});
`;

const pageJs = `import { finish, issue } from "../../server";
import { startEid } from "../../mp_ecard_sdk/main";
Page({
  onShow() {
    if (this.open) finish(this.open);
  },
  async onTapFace() {
    await new Promise((success, fail) => wx.requirePrivacyAuthorize({ success, fail }));
    const { verificationId, start } = await issue("mini-program");
    this.open = verificationId;
    wx.startVerify({
      data: { token: start.bizToken },
      success: () => setTimeout(() => finish(verificationId), 500),
      fail: () => setTimeout(() => finish(verificationId), 500),
    });
  },
  onTapEid() {
    startEid({ data: { token: this.eidToken }, verifyDoneCallback: () => finish(this.open) });
  },
  onTapWechat() {
    if (!wx.requestFacialVerify) return wx.showToast({ title: "请升级微信" });
    wx.requestFacialVerify({ verifyId: this.verifyId, success: () => finish(this.open), fail: () => finish(this.open) });
  },
});
`;

const serverJs = `const api = "https://verify.shop.example";
export const finish = (id) => wx.request({ url: api + "/verifications/" + id + "/finish", method: "POST" });
export const issue = (channel) => wx.request({ url: api + "/tokens/" + channel, method: "POST" });
`;

/** As an integrator would have it without the client library. */
const good: Files = {
  "project.config.json": JSON.stringify({ libVersion: "3.8.12", setting: { urlCheck: true } }, undefined, 1),
  "app.json": JSON.stringify({ pages, __usePrivacyCheck__: true }, undefined, 1),
  "app.js": appJs,
  "server.js": serverJs,
  "pages/index/index.js": pageJs,
  "pages/index/index.wxml": "<button bindtap='onTapFace'>核身</button>\n",
  "verify_mpsdk/main.js": "module.exports = { init() { wx.startVerify = () => {}; } };\n",
  "mp_ecard_sdk/main.js": "export const initEid = () => {};\nexport const startEid = () => {};\n",
};

let planted = 0;
/** The mistakes of the good mini-program with changes; `undefined` takes a file away. */
function examine(changes: Files) {
  const path = join(folder, String(++planted));
  for (const [name, text] of Object.entries({ ...good, ...changes })) {
    if (text === undefined) continue;
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return examineMiniProgram(path);
}

const config = (change: object) => JSON.stringify({ libVersion: "3.8.12", ...change }, undefined, 1);
const app = (change: object) => JSON.stringify({ pages, ...change }, undefined, 1);
const without = (page: string) => pages.filter((each) => each !== page);
const page = (from: string, to: string): Files => {
  if (!pageJs.includes(from)) throw new Error(`nothing to replace: ${from}`);
  return { "pages/index/index.js": pageJs.replace(from, to) };
};
const server = (line: string): Files => ({ "server.js": `${serverJs}${line}\n` });
const client = 'import { createClient } from "zhenren-client";\n';

const sdkFile = good["verify_mpsdk/main.js"];
const eidFile = good["mp_ecard_sdk/main.js"];

/** Rule, place, and what is planted. */
const mistakes: readonly (readonly [rule: string, place: string, changes: Files])[] = [
  ["app-json", "app.json:1", { "app.json": undefined }],
  [
    "app-json",
    "mini/app.json:1",
    {
      "project.config.json": config({ miniprogramRoot: "mini/" }),
      "app.js": "",
      "verify_mpsdk/main.js": undefined,
      "mp_ecard_sdk/main.js": undefined,
    },
  ],
  [
    "verify_mpsdk-not-at-root",
    "lib/verify_mpsdk/main.js:1",
    { "verify_mpsdk/main.js": undefined, "lib/verify_mpsdk/main.js": sdkFile },
  ],
  [
    "mp_ecard_sdk-not-at-root",
    "lib/mp_ecard_sdk/main.js:1",
    { "mp_ecard_sdk/main.js": undefined, "lib/mp_ecard_sdk/main.js": eidFile },
  ],
  ["verify_mpsdk-pages", "app.json:2", { "app.json": app({ pages: without("verify_mpsdk/index/index") }) }],
  [
    "mp_ecard_sdk-pages",
    "app.json:2",
    { "app.json": app({ pages: without("mp_ecard_sdk/protocol/eid/index") }) },
  ],
  ["verify_mpsdk-init", "app.js:1", { "app.js": appJs.replace("Verify.init();", "") }],
  ["mp_ecard_sdk-init", "app.js:1", { "app.js": appJs.replace("initEid();", "") }],
  [
    "old-verify_mpsdk",
    "verify_mpsdk/main.js:3",
    {
      "verify_mpsdk/main.js": `${sdkFile}// 2019\nwx.request({ url: "https://faceid.qq.com/api/liveness/getWxUserIdKey" });\n`,
    },
  ],
  [
    "old-verify_mpsdk",
    "verify_mpsdk/index/index.js:1",
    { "verify_mpsdk/index/index.js": "wx.startFacialRecognitionVerify({ userIdKey });\n" },
  ],
  [
    "sdk-left-out",
    "project.config.json:6",
    {
      "project.config.json": config({ packOptions: { ignore: [{ value: "verify_mpsdk", type: "folder" }] } }),
    },
  ],
  ["base-library", "project.config.json:2", { "project.config.json": config({ libVersion: "3.8.9" }) }],
  [
    "domains-not-checked",
    "project.config.json:4",
    { "project.config.json": config({ setting: { urlCheck: false } }) },
  ],
  [
    "npm-outside",
    "package.json:1",
    {
      "package.json": '{ "dependencies": { "zhenren-client": "0.1.0" } }',
      "project.config.json": config({ miniprogramRoot: "mini" }),
      ...Object.fromEntries(
        Object.entries(good).flatMap(([name, text]) =>
          name === "project.config.json"
            ? []
            : [
                [name, undefined],
                [`mini/${name}`, text],
              ],
        ),
      ),
    },
  ],
  [
    "npm-development-only",
    "package.json:1",
    { "package.json": '{ "devDependencies": { "zhenren-client": "0.1.0" } }' },
  ],
  ["npm-missing", "pages/index/index.js:1", { "pages/index/index.js": client + pageJs }],
  [
    "v2-in-plugin",
    "plugin/face.js:1",
    {
      "project.config.json": config({ pluginRoot: "plugin" }),
      "plugin/face.js": "wx.requestFacialVerify({ verifyId });\n",
    },
  ],
  [
    "started-without-tap",
    "pages/index/index.js:5",
    page(
      "if (this.open) finish(this.open);",
      "startEid({ data: { token }, verifyDoneCallback: () => finish(this.open) });",
    ),
  ],
  [
    "no-delay-on-ios",
    "pages/index/index.js:11",
    page(
      "success: () => setTimeout(() => finish(verificationId), 500)",
      "success: () => finish(verificationId)",
    ),
  ],
  [
    "end-path",
    "pages/index/index.js:11",
    page("token: start.bizToken", 'token: start.bizToken, endPath: "/pages/end/end"'),
  ],
  ["no-token", "pages/index/index.js:11", page("token: start.bizToken", "bizToken: start.bizToken")],
  ["no-callback", "pages/index/index.js:18", page(", verifyDoneCallback: () => finish(this.open)", "")],
  ["onshow-conflict", "app.js:8", { "app.js": appJs.replace(/ {4}if \(scene.*\n/, "") }],
  [
    "v1",
    "pages/index/index.js:26",
    page("});\n", "});\n") && {
      "pages/index/index.js": `${pageJs}export const old = (userIdKey) =>\n  wx.startFacialRecognitionVerify({ userIdKey, success: () => finish() });\n`,
    },
  ],
  [
    "v2-promise",
    "pages/index/index.js:22",
    page(
      "    wx.requestFacialVerify({ verifyId: this.verifyId, success: () => finish(this.open), fail: () => finish(this.open) });",
      "    wx.requestFacialVerify({ verifyId: this.verifyId }).then(() => finish(this.open));",
    ),
  ],
  [
    "v2-not-looked-for",
    "pages/index/index.js:21",
    page('    if (!wx.requestFacialVerify) return wx.showToast({ title: "请升级微信" });\n', ""),
  ],
  [
    "device-trusted",
    "pages/index/index.js:18",
    page(
      "verifyDoneCallback: () => finish(this.open)",
      "verifyDoneCallback: ({ verifyDone }) => this.setData({ verified: verifyDone })",
    ),
  ],
  [
    "device-trusted",
    "pages/index/index.js:22",
    page(
      "success: () => finish(this.open)",
      "success: ({ errCode }) => this.setData({ verified: errCode === 0 })",
    ),
  ],
  [
    "token-in-url",
    "server.js:4",
    server('export const go = (token) => wx.navigateTo({ url: "/pages/face/face?token=" + token });'),
  ],
  [
    "token-in-url",
    "server.js:4",
    server(
      `export const go = (start) => wx.navigateTo({ url: \`/pages/face/face?bizToken=\${start.bizToken}\` });`,
    ),
  ],
  ["logged", "server.js:4", server("export const look = (start) => console.log(start.bizToken);")],
  [
    "stored",
    "server.js:4",
    server('export const keep = (accessToken) => wx.setStorageSync("login", accessToken);'),
  ],
  [
    "secret-published",
    "server.js:4",
    server('export const keys = { appSecret: "0123456789abcdef0123456789abcdef" };'),
  ],
  ["secret-published", "server.js:4", server(`export const id = "AKID${"z8krbsJ5yKBZQpn74WFkmLPx"}";`)],
  [
    "weixin-api",
    "server.js:4",
    server('export const session = "https://api.weixin.qq.com/sns/jscode2session";'),
  ],
  ["http", "server.js:1", { "server.js": serverJs.replace("https:", "http:") }],
  [
    "local-published",
    "server.js:1",
    { "server.js": serverJs.replace("https://verify.shop.example", "http://127.0.0.1:3000") },
  ],
  ["privacy-off", "app.json:11", { "app.json": app({ __usePrivacyCheck__: false }) }],
  [
    "privacy-not-asked",
    "pages/index/index.js:10",
    page("    await new Promise((success, fail) => wx.requirePrivacyAuthorize({ success, fail }));\n", ""),
  ],
  [
    "consent-skipped",
    "face.js:2",
    {
      "package.json": '{ "dependencies": { "zhenren-client": "0.1.0" } }',
      "face.js": `${client}export const face = createClient({ api: "https://verify.shop.example", consent: () => true });\n`,
    },
  ],
];

test("a mini-program without mistakes has none", () => expect(examine({})).toEqual([]));

test("the examples have none", () => {
  expect(examineMiniProgram(join(root, "examples/mini-program"))).toEqual([]);
});

test("of a project of Taro or uni-app what it builds is read, and nothing before that", async () => {
  expect(frameworkProject(join(root, "examples/mini-program"))).toBeUndefined();
  const path = join(folder, "taro");
  cpSync(join(root, "examples/taro/package.json"), join(path, "package.json"));
  expect(frameworkProject(path)).toEqual({ name: "Taro", built: join(path, "dist"), isBuilt: false });
  const doctor = (of: string) => runCommand("doctor.ts", ["--mini-program", of], {});
  expect(await doctor(path)).toMatchObject({ code: 2, err: expect.stringContaining("build it first") });
  mkdirSync(join(path, "dist"));
  writeFileSync(join(path, "dist/app.json"), '{"pages":[]}');
  writeFileSync(join(path, "dist/app.js"), 'fetch("http://a.example")');
  expect(await doctor(path)).toMatchObject({ code: 1, out: expect.stringContaining("app.js:1  http") });
  const uni = frameworkProject(join(root, "examples/uni"));
  expect(uni).toMatchObject({ name: "uni-app", built: join(root, "examples/uni/dist/build/mp-weixin") });
});

describe("a planted mistake is found alone", () => {
  test.each(mistakes)("%s at %s", (rule, place, changes) => {
    expect(examine(changes).map(({ rule, file, line }) => `${rule} ${file}:${line}`)).toEqual([
      `${rule} ${place}`,
    ]);
  });

  test("silent-end, where no onShow asks", () => {
    const changes = page("  onShow() {\n    if (this.open) finish(this.open);\n  },\n", "");
    expect(examine(changes).map(({ rule, line }) => `${rule}:${line}`)).toEqual([
      "silent-end:8",
      "silent-end:15",
    ]);
  });

  test("of every kind that there is", () => {
    const kinds = new Set([...mistakes.map(([rule]) => rule), "silent-end"]);
    expect([...kinds].toSorted()).toEqual(miniProgramRules.map(({ name }) => name).toSorted());
    expect(kinds.size).toBeGreaterThanOrEqual(20);
  });
});

test("a line says where, why and how to mend it", () => {
  const [finding] = examine({ "app.json": undefined });
  expect(finding && findingLine(finding)).toMatch(/^app\.json:1 {2}app-json\n {2}why: .+\n {2}fix: .+$/);
});

test("a subpackage may hold the SDK's page, because it has the same address", () => {
  const subPackages = [{ root: "verify_mpsdk", pages: ["index/index"] }];
  const changes = { "app.json": app({ pages: without("verify_mpsdk/index/index"), subPackages }) };
  expect(examine(changes)).toEqual([]);
});

test("what is installed is not theirs", () => {
  const path = join(folder, "installed");
  cpSync(join(root, "examples/mini-program"), path, { recursive: true });
  mkdirSync(join(path, "node_modules/a"), { recursive: true });
  writeFileSync(join(path, "node_modules/a/index.js"), 'fetch("http://a.example")');
  expect(examineMiniProgram(path)).toEqual([]);
});
