/** What must not be trusted, sent, shown or published. */
import ts from "typescript";
import { text } from "../../../language/index.ts";
import { lineOf, placeOf, type Rule } from "../finding.ts";
import type { Project, Script } from "../project.ts";
import { type Call, callsIn, callsOf, nameOf, nodesOf, optionOf, textsIn, usesClient } from "../syntax.ts";

/** Callbacks that mean "finished", by the function that takes them. */
const CALLBACKS: readonly (readonly [call: string, callback: string])[] = [
  ["startVerify", "success"],
  ["startEid", "verifyDoneCallback"],
  ["requestFacialVerify", "success"],
  ["requestFacialVerifyAndUploadVideo", "success"],
  ["startFacialRecognitionVerify", "success"],
];
/** What asks somebody else: a request, or a function that is named after one. */
const ASKS =
  /^(request|callFunction|callContainer)$|finish|query|poll|fetch|report|submit|resume|check|ask|result|settle|notify|upload/i;
const TOKEN = /[?&](token|bizToken|eidToken|verifyId|verify_id|userIdKey|verifyResult|accessToken)=/i;
const PERSONAL =
  /\b(idCardNumber|idCard|idcard|bizToken|eidToken|verifyId|userIdKey|verifyResult|accessToken)\b/;
const SECRET_NAME = /^(app_?secret|secret_?(key|id)|auth_?secret|master_?key|webhook_?secret)$/i;
const LOOPBACK = /^https?:\/\/(127\.0\.0\.1|localhost|\[::1\]|192\.168\.|10\.)/;

const everyText = (project: Project, matches: (text: string) => boolean) =>
  project.scripts.flatMap((script) =>
    textsIn(script)
      .filter(({ text }) => matches(text))
      .map(({ node }) => placeOf(script, node)),
  );

/** A callback that asks nobody: it believes what the device says. */
function isBelieved({ script }: Call, callback: ts.Node | undefined): boolean {
  if (!callback || !ts.isFunctionLike(callback)) return false;
  return !callsIn(script, callback).some(({ name }) => ASKS.test(name));
}

const looksAtRelease = ({ text }: Script): boolean => /envVersion/.test(text);

/** In the order of the report. */
export const safetyRules: readonly Rule[] = [
  {
    name: "device-trusted",
    what: text(
      'The callback asks nobody: "success" and verifyDone mean finished, not passed, and anybody can call them.',
      "回调没有询问任何一方：success 和 verifyDone 表示结束，不表示通过，而且任何人都能调用。",
    ),
    fix: text(
      "Ask by POST /verifications/{id}/finish, and give what depends on it on your server.",
      "请用 POST /verifications/{id}/finish 询问，并在您的服务器上发放相应权益。",
    ),
    find: (project) =>
      CALLBACKS.flatMap(([name, callback]) =>
        callsOf(project, [name])
          .filter((call) => isBelieved(call, optionOf(call, callback)))
          .map(({ script, node }) => placeOf(script, node)),
      ),
  },
  {
    name: "token-in-url",
    what: text(
      "A token is passed in an address, where logs and histories keep it.",
      "凭证放在了地址里，会留在日志和历史记录中。",
    ),
    fix: text(
      "Pass it in memory: a variable of the app, or an event channel of navigateTo.",
      "请在内存中传递：应用的变量，或 navigateTo 的 eventChannel。",
    ),
    find: (project) => [
      ...everyText(project, (text) => TOKEN.test(text)),
      ...project.templates.filter(({ text }) => TOKEN.test(text)).map((file) => lineOf(file, TOKEN)),
      // "…?token=" + token
      ...project.scripts.flatMap((script) =>
        [...nodesOf(script.tree)]
          .filter(
            (node) => ts.isBinaryExpression(node) && TOKEN.test(node.left.getText().replace(/["'`]$/, "")),
          )
          .filter((node) => !TOKEN.test([...nodesOf(node)].find(ts.isStringLiteral)?.text ?? ""))
          .map((node) => placeOf(script, node)),
      ),
    ],
  },
  {
    name: "logged",
    what: text("An ID number or a token is written to the log.", "身份证号或凭证被写入日志。"),
    fix: text(
      "Remove the line; verificationId is enough to find a case.",
      "请删除该行；用 verificationId 就能找到对应的核身。",
    ),
    find: ({ scripts }) =>
      scripts.flatMap((script) =>
        callsIn(script)
          .filter(
            ({ of, node }) =>
              of === "console" && node.arguments.some((each) => PERSONAL.test(each.getText())),
          )
          .map(({ node }) => placeOf(script, node)),
      ),
  },
  {
    name: "stored",
    what: text("An ID number or a token is stored on the phone.", "身份证号或凭证被存储在手机上。"),
    fix: text("Keep verificationId and ask for the rest again.", "请只保存 verificationId，其余重新获取。"),
    find: (project) =>
      callsOf(project, ["setStorageSync", "setStorage"])
        .filter(({ node }) => node.arguments.some((each) => PERSONAL.test(each.getText())))
        .map(({ script, node }) => placeOf(script, node)),
  },
  {
    name: "secret-published",
    what: text("A secret is in the code that every user downloads.", "密钥写在每个用户都会下载的代码里。"),
    fix: text("Change the secret at once, and keep it on the server.", "请立即更换密钥，并只放在服务器上。"),
    find: ({ scripts }) =>
      scripts.flatMap((script) =>
        [...nodesOf(script.tree)]
          .filter((node) => {
            if (ts.isStringLiteral(node)) return /^AKID[A-Za-z0-9]{20,}$/.test(node.text);
            const isNamed =
              (ts.isPropertyAssignment(node) && SECRET_NAME.test(nameOf(node.name) ?? "")) ||
              (ts.isVariableDeclaration(node) && SECRET_NAME.test(node.name.getText()));
            return isNamed && node.initializer !== undefined && ts.isStringLiteral(node.initializer);
          })
          .map((node) => placeOf(script, node)),
      ),
  },
  {
    name: "weixin-api",
    what: text(
      "api.weixin.qq.com is called from the mini-program: WeChat does not allow that domain, and the secret would be in the client.",
      "在小程序中调用 api.weixin.qq.com：微信不允许该域名，而且密钥会暴露在客户端。",
    ),
    fix: text(
      "Call POST /login and the token routes of your functions.",
      "请调用您的函数的 POST /login 和取凭证的接口。",
    ),
    find: (project) => everyText(project, (text) => text.includes("api.weixin.qq.com")),
  },
  {
    name: "http",
    what: text(
      "An address without https: WeChat refuses it after the release.",
      "没有 https 的地址：发布后微信会拒绝。",
    ),
    fix: text("Use the https address of your functions.", "请使用您的函数的 https 地址。"),
    find: (project) => everyText(project, (text) => /^http:\/\//.test(text) && !LOOPBACK.test(text)),
  },
  {
    name: "local-published",
    what: text(
      "An address of this machine or the simulator is used in every version of the mini-program, the released one too.",
      "小程序的所有版本（包括正式版）都会使用本机地址或模拟器。",
    ),
    fix: text(
      "Choose by wx.getAccountInfoSync().miniProgram.envVersion, in the same file.",
      "请在同一文件中按 wx.getAccountInfoSync().miniProgram.envVersion 选择。",
    ),
    find: ({ scripts }) =>
      scripts
        .filter((script) => !looksAtRelease(script))
        .flatMap((script) =>
          textsIn(script)
            .filter(({ text }) => LOOPBACK.test(text))
            .slice(0, 1)
            .map(({ node }) => placeOf(script, node)),
        ),
  },
  {
    name: "privacy-off",
    what: text(
      '"__usePrivacyCheck__": false switches WeChat\'s privacy agreement off.',
      '"__usePrivacyCheck__": false 关闭了微信的隐私协议。',
    ),
    fix: text(
      "Set it to true, and declare camera and microphone in the privacy guide.",
      "请设为 true，并在隐私保护指引中声明摄像头和麦克风。",
    ),
    find: ({ app }) => (app?.__usePrivacyCheck__ === false ? [lineOf(app, /"__usePrivacyCheck__"/)] : []),
  },
  {
    name: "privacy-not-asked",
    what: text(
      "The camera is opened without WeChat's privacy agreement: the person is told that the permission was not allowed.",
      "打开摄像头之前没有隐私协议：用户会看到“您未允许使用…权限”。",
    ),
    fix: text(
      "Call wx.requirePrivacyAuthorize first, or use zhenren-client.",
      "请先调用 wx.requirePrivacyAuthorize，或使用 zhenren-client。",
    ),
    find: (project) => {
      const isAsked =
        usesClient(project) ||
        [...project.scripts, ...project.templates].some(({ text }) =>
          /requirePrivacyAuthorize|onNeedPrivacyAuthorization|agreePrivacyAuthorization/.test(text),
        );
      if (isAsked) return [];
      return callsOf(
        project,
        CALLBACKS.map(([name]) => name),
      )
        .slice(0, 1)
        .map(({ script, node }) => placeOf(script, node));
    },
  },
  {
    name: "consent-skipped",
    what: text(
      "`consent` always answers true: nobody is asked for the separate consent to face processing.",
      "`consent` 总是返回 true：没有征求单独的人脸信息处理同意。",
    ),
    fix: text(
      "Ask the person, or leave the option out: a dialog asks then.",
      "请询问用户，或去掉该选项：默认会用对话框询问。",
    ),
    find: (project) =>
      callsOf(project, ["createClient"])
        .filter((call) => /^(async\s*)?\(\w*\)\s*=>\s*true$/.test(optionOf(call, "consent")?.getText() ?? ""))
        .map(({ script, node }) => placeOf(script, node)),
  },
];
