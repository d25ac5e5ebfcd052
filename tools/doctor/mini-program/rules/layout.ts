/** Where things lie: app.json, the vendors' folders, project.config.json, npm. */
import { dirname, join, relative } from "node:path";
import { text } from "../../../language/index.ts";
import { lineOf, type Place, placeOf, type Rule } from "../finding.ts";
import type { Project, SourceFile } from "../project.ts";
import { callsOf, importsOf, usesClient } from "../syntax.ts";

/** Of seed 002 and the public copies. */
const EID_PAGES = [
  "mp_ecard_sdk/index/index",
  "mp_ecard_sdk/protocol/service/index",
  "mp_ecard_sdk/protocol/privacy/index",
  "mp_ecard_sdk/protocol/userAccredit/index",
  "mp_ecard_sdk/protocol/eid/index",
];
/** For `wx.requestFacialVerify`. */
const V2_BASE_LIBRARY = "3.8.12";
/** `faceid.qcloud.com` and `eid-enhance.faceid.qq.com` are the SDKs' backups; the guides leave them out. */
const DOMAINS =
  "faceid.qq.com, faceid.qcloud.com, btrace.qq.com (request, uploadFile, downloadFile); eid.faceid.qq.com, eid-enhance.faceid.qq.com (request)";

const appJsonOf = ({ app, root }: Project): SourceFile => app ?? { path: join(root, "app.json"), text: "" };
const placeInAppJson = (project: Project, pattern = /"pages"/): Place => lineOf(appJsonOf(project), pattern);
const sdkOf = ({ sdks }: Project, wanted: string) => sdks.find(({ name }) => name === wanted);

const misplaced = (name: "verify_mpsdk" | "mp_ecard_sdk"): Rule => ({
  name: `${name}-not-at-root`,
  what: text(`${name} is not at the root of the mini-program.`, `${name} 不在小程序根目录下。`),
  fix: text(
    `Move the folder beside app.json: its pages are addressed as /${name}/….`,
    `把文件夹移到 app.json 旁边：它的页面以 /${name}/… 为地址。`,
  ),
  find: (project) =>
    project.sdks
      .filter((sdk) => sdk.name === name && sdk.path !== join(project.root, name))
      .map(({ path, files }) => ({ file: files[0]?.path ?? path, line: 1 })),
});

const missingPages = (name: "verify_mpsdk" | "mp_ecard_sdk", pages: readonly string[]): Rule => ({
  name: `${name}-pages`,
  what: text(`A page of ${name} is missing in app.json.`, `app.json 中缺少 ${name} 的页面。`),
  fix: text(`Add to "pages": ${pages.join(", ")}.`, `在 "pages" 中加入：${pages.join("、")}。`),
  find: (project) =>
    sdkOf(project, name) && project.app && pages.some((page) => !project.pages.includes(page))
      ? [placeInAppJson(project)]
      : [],
});

const missingInit = (sdk: "verify_mpsdk" | "mp_ecard_sdk", call: string, names: readonly string[]): Rule => ({
  name: `${sdk}-init`,
  what: text(`${call} is called nowhere.`, `没有调用 ${call}。`),
  fix: text(`Call ${call} in onLaunch of app.js.`, `在 app.js 的 onLaunch 中调用 ${call}。`),
  find: (project) => {
    const isInit = callsOf(project, names).some(({ of }) => names[0] !== "init" || /verify/i.test(of ?? ""));
    if (!sdkOf(project, sdk) || isInit) return [];
    return [project.appScript ? placeOf(project.appScript, project.appScript.tree) : placeInAppJson(project)];
  },
});

const isBefore = (version: string, wanted: string): boolean =>
  version.localeCompare(wanted, "en", { numeric: true }) < 0;

/** In the order of the report. */
export const layoutRules: readonly Rule[] = [
  {
    name: "app-json",
    what: text("There is no readable app.json.", "没有可读的 app.json。"),
    fix: text(
      "Give the folder of project.config.json, or correct its miniprogramRoot; with Taro or uni-app, the folder they build.",
      "请给出 project.config.json 所在的文件夹，或改正 miniprogramRoot；使用 Taro 或 uni-app 时，给出构建结果的文件夹。",
    ),
    find: (project) => (project.app ? [] : [placeInAppJson(project)]),
  },
  misplaced("verify_mpsdk"),
  misplaced("mp_ecard_sdk"),
  missingPages("verify_mpsdk", ["verify_mpsdk/index/index"]),
  missingPages("mp_ecard_sdk", EID_PAGES),
  missingInit("verify_mpsdk", "Verify.init()", ["init"]),
  missingInit("mp_ecard_sdk", "initEid()", ["initEid"]),
  {
    name: "old-verify_mpsdk",
    what: text(
      "This copy of verify_mpsdk calls WeChat's face API v1 by itself, which was announced to end on 2026-06-30. No server sees it fail.",
      "这一份 verify_mpsdk 会自行调用微信人脸接口 v1，该接口已宣布于 2026-06-30 停止。失败时服务端无从得知。",
    ),
    fix: text(
      "Download the present SDK in the FaceID console and replace the whole folder.",
      "请在人脸核身控制台下载当前的 SDK，替换整个文件夹。",
    ),
    find: ({ sdks }) =>
      sdks
        .filter(({ name }) => name === "verify_mpsdk")
        .flatMap(({ files }) => files)
        .filter(({ text }) => V1_OF_SDK.test(text))
        .map((file) => lineOf(file, V1_OF_SDK)),
  },
  {
    name: "sdk-left-out",
    what: text(
      "packOptions leaves a vendor's SDK out of the upload.",
      "packOptions 把厂商的 SDK 排除在上传之外。",
    ),
    fix: text("Remove the entry from packOptions.ignore.", "请从 packOptions.ignore 中删除该项。"),
    find: ({ config }) =>
      config?.packOptions?.ignore?.some(({ value }) => SDK_NAME.test(value))
        ? [lineOf(config, SDK_NAME)]
        : [],
  },
  {
    name: "base-library",
    what: text(
      `The base library of the project is older than ${V2_BASE_LIBRARY}, and wx.requestFacialVerify is used.`,
      `项目的基础库低于 ${V2_BASE_LIBRARY}，而代码使用了 wx.requestFacialVerify。`,
    ),
    fix: text(
      `Set libVersion to ${V2_BASE_LIBRARY} or later, and the least version in the mini-program's console.`,
      `请把 libVersion 设为 ${V2_BASE_LIBRARY} 或更高，并在小程序后台设置最低基础库版本。`,
    ),
    find: (project) => {
      const { config } = project;
      const isUsed =
        callsOf(project, ["requestFacialVerify", "requestFacialVerifyAndUploadVideo"]).length > 0 ||
        (usesClient(project) && project.scripts.some(({ text }) => /channel:\s*["']wechat["']/.test(text)));
      const isOld =
        /^\d/.test(config?.libVersion ?? "") && isBefore(config?.libVersion ?? "", V2_BASE_LIBRARY);
      return config && isUsed && isOld ? [lineOf(config, /"libVersion"/)] : [];
    },
  },
  {
    name: "domains-not-checked",
    what: text(
      "urlCheck is off for everybody, so a domain that is missing in the console shows only after the release.",
      "urlCheck 对所有人关闭，后台缺少的域名要到发布之后才会暴露。",
    ),
    fix: text(
      `Switch it off in project.private.config.json at most. Allow in the console: the host of your functions; ${DOMAINS}.`,
      `最多在 project.private.config.json 中关闭。请在小程序后台加入：您的函数的域名；${DOMAINS}。`,
    ),
    find: ({ config }) => (config?.setting?.urlCheck === false ? [lineOf(config, /"urlCheck"/)] : []),
  },
  {
    name: "npm-outside",
    what: text(
      "package.json with zhenren-client is outside the mini-program's root, where the developer tools do not look.",
      "含有 zhenren-client 的 package.json 不在小程序根目录内，开发者工具找不到它。",
    ),
    fix: text(
      "Move package.json into miniprogramRoot, or set packNpmManually and packNpmRelationList.",
      "请把 package.json 移到 miniprogramRoot 中，或设置 packNpmManually 和 packNpmRelationList。",
    ),
    find: ({ packages, root, config }) =>
      config?.setting?.packNpmManually
        ? []
        : packages
            .filter(
              (file) =>
                "zhenren-client" in file.dependencies &&
                root !== "" &&
                relative(root, dirname(file.path)).startsWith(".."),
            )
            .map((file) => lineOf(file, /zhenren-client/)),
  },
  {
    name: "npm-development-only",
    what: text(
      "zhenren-client is in devDependencies, which the developer tools do not build.",
      "zhenren-client 在 devDependencies 中，开发者工具不会构建它。",
    ),
    fix: text("Move it to dependencies and build npm again.", "请移到 dependencies，并重新构建 npm。"),
    find: ({ packages }) =>
      packages
        .filter((file) => "zhenren-client" in file.devDependencies)
        .map((file) => lineOf(file, /zhenren-client/)),
  },
  {
    name: "npm-missing",
    what: text(
      "zhenren-client is imported, and no package.json has it.",
      "引入了 zhenren-client，但 package.json 中没有它。",
    ),
    fix: text(
      "Run npm install zhenren-client and build npm in the developer tools.",
      "请运行 npm install zhenren-client，并在开发者工具中构建 npm。",
    ),
    find: ({ packages, scripts }) =>
      packages.some((file) => "zhenren-client" in { ...file.dependencies, ...file.devDependencies })
        ? []
        : scripts
            .flatMap((script) => importsOf(script).map((each) => ({ script, ...each })))
            .filter(({ from }) => /^zhenren-client(\/|$)/.test(from))
            .slice(0, 1)
            .map(({ script, node }) => placeOf(script, node)),
  },
  {
    name: "v2-in-plugin",
    what: text(
      "wx.requestFacialVerify does not work in a plugin.",
      "wx.requestFacialVerify 在插件中不可用。",
    ),
    fix: text("Call it from the mini-program itself.", "请在小程序本身中调用。"),
    find: (project) => {
      const plugin = project.config?.pluginRoot?.replace(/^\.?\/|\/$/g, "");
      if (!plugin) return [];
      return callsOf(project, ["requestFacialVerify"])
        .filter(({ script }) => script.path.startsWith(`${plugin}/`))
        .map(({ script, node }) => placeOf(script, node));
    },
  },
];

const V1_OF_SDK = /getWxUserIdKey|startFacialRecognitionVerify/;
const SDK_NAME = /verify_mpsdk|mp_ecard_sdk/;
