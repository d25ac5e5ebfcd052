/** How the vendors' functions are called. */
import ts from "typescript";
import { text } from "../../../language/index.ts";
import { type Place, placeOf, type Rule } from "../finding.ts";
import type { Project } from "../project.ts";
import { type Call, callsIn, callsOf, lifecycle, optionOf, usesClient } from "../syntax.ts";

const V2 = ["requestFacialVerify", "requestFacialVerifyAndUploadVideo"];
const V1 = ["startFacialRecognitionVerify", "startFacialRecognitionVerifyAndUploadVideo"];
const OPENING = ["startVerify", "startEid", ...V2, ...V1];

const places = (calls: readonly Call[]): Place[] => calls.map(({ script, node }) => placeOf(script, node));

/** Whether the call is awaited or has `.then` behind it. */
function isTakenAsPromise({ node }: Call): boolean {
  const { parent } = node;
  if (ts.isAwaitExpression(parent)) return true;
  return ts.isPropertyAccessExpression(parent) && ["then", "catch", "finally"].includes(parent.name.text);
}

/** Whether the text of the project looks whether `wx` has the function. */
const looksFor = ({ scripts }: Project, name: string): boolean =>
  scripts.some(({ text }) =>
    new RegExp(
      `canIUse\\(\\s*["'\`]${name}|typeof wx\\.${name}|if \\(!?wx\\.${name}\\b(?!\\()|!wx\\.${name}|compareVersion`,
    ).test(text),
  );

/** In the order of the report. */
export const callRules: readonly Rule[] = [
  {
    name: "started-without-tap",
    what: text(
      'The camera is opened in a lifecycle function: E证通 does nothing then, and WeChat on iOS fails with "webview not ready".',
      "在生命周期函数中打开摄像头：E证通没有反应，iOS 上的微信报“webview not ready”。",
    ),
    fix: text("Open it in the handler of a tap.", "请在点击事件中打开。"),
    find: ({ scripts }) =>
      scripts.flatMap((script) => {
        const functions = (["App", "Page", "Component"] as const).flatMap((of) =>
          lifecycle(script, of, ["onLaunch", "onLoad", "onShow", "attached"]),
        );
        return places(
          functions.flatMap((node) => callsIn(script, node)).filter(({ name }) => OPENING.includes(name)),
        );
      }),
  },
  {
    name: "no-delay-on-ios",
    what: text(
      "The callback of startVerify acts at once: on iOS what it does gets lost.",
      "startVerify 的回调立即执行：在 iOS 上会丢失。",
    ),
    fix: text(
      "Wait 500 ms in success and fail, or use zhenren-client.",
      "请在 success 和 fail 中等待 500 毫秒，或使用 zhenren-client。",
    ),
    find: (project) =>
      places(
        callsOf(project, ["startVerify"]).filter((call) => {
          const success = optionOf(call, "success");
          return (
            success !== undefined && ts.isFunctionLike(success) && !success.getText().includes("setTimeout")
          );
        }),
      ),
  },
  {
    name: "end-path",
    what: text("With endPath the SDK never calls back.", "使用 endPath 时 SDK 不会回调。"),
    fix: text(
      "Leave endPath out, or ask the server on that page by POST /verifications/{id}/finish.",
      "请去掉 endPath，或在那个页面上用 POST /verifications/{id}/finish 询问服务端。",
    ),
    find: (project) =>
      places(
        callsOf(project, ["startVerify"]).filter((call) =>
          /\bendPath\b/.test(optionOf(call, "data")?.getText() ?? ""),
        ),
      ),
  },
  {
    name: "no-token",
    what: text(
      "The SDK is called without data.token, and does nothing.",
      "调用 SDK 时没有 data.token，SDK 不会有任何反应。",
    ),
    fix: text(
      "Pass start.bizToken or start.eidToken of the token response as data.token.",
      "请把响应中的 start.bizToken 或 start.eidToken 作为 data.token 传入。",
    ),
    find: (project) =>
      places(
        callsOf(project, ["startVerify", "startEid"]).filter((call) => {
          const data = optionOf(call, "data");
          return (
            data !== undefined && ts.isObjectLiteralExpression(data) && !/\btoken\b/.test(data.getText())
          );
        }),
      ),
  },
  {
    name: "no-callback",
    what: text("startEid has no verifyDoneCallback.", "startEid 没有 verifyDoneCallback。"),
    fix: text(
      "Pass verifyDoneCallback and ask the server in it.",
      "请传入 verifyDoneCallback，并在其中询问服务端。",
    ),
    find: (project) =>
      places(
        callsOf(project, ["startEid"]).filter(
          (call) =>
            call.node.arguments[0] !== undefined &&
            ts.isObjectLiteralExpression(call.node.arguments[0]) &&
            !optionOf(call, "verifyDoneCallback"),
        ),
      ),
  },
  {
    name: "silent-end",
    what: text(
      "The SDK may end without a callback (the person leaves, a domain is missing), and no onShow asks the server then.",
      "SDK 可能没有回调就结束（用户离开、缺少域名），而没有 onShow 询问服务端。",
    ),
    fix: text(
      "In the page's onShow ask by POST /verifications/{id}/finish, or use zhenren-client.",
      "请在页面的 onShow 中用 POST /verifications/{id}/finish 询问，或使用 zhenren-client。",
    ),
    find: (project) =>
      usesClient(project)
        ? []
        : places(
            callsOf(project, ["startVerify", "startEid"]).filter(
              ({ script }) =>
                lifecycle(script, "Page", ["onShow"]).length +
                  lifecycle(script, "Component", ["pageLifetimes"]).length ===
                0,
            ),
          ),
  },
  {
    name: "onshow-conflict",
    what: text(
      "The app's onShow also runs on the return from E证通 (scene 1038, wx0e2cb0b052a91c92).",
      "从 E证通返回（场景 1038，wx0e2cb0b052a91c92）时，应用的 onShow 也会执行。",
    ),
    fix: text(
      "Return at once there: if (isEidReturn(options)) return; of zhenren-client, or compare scene and appId.",
      "请在那里立即返回：zhenren-client 的 if (isEidReturn(options)) return;，或比较 scene 和 appId。",
    ),
    find: ({ sdks, appScript }) => {
      if (!appScript || !sdks.some(({ name }) => name === "mp_ecard_sdk")) return [];
      return lifecycle(appScript, "App", ["onShow"])
        .filter((node) => !/1038|isEidReturn/.test(node.getText()))
        .map((node) => placeOf(appScript, node));
    },
  },
  {
    name: "v1",
    what: text(
      "wx.startFacialRecognitionVerify is WeChat's v1, which was announced to end on 2026-06-30.",
      "wx.startFacialRecognitionVerify 是微信 v1 接口，已宣布于 2026-06-30 停止。",
    ),
    fix: text(
      "Use wx.requestFacialVerify with start.verifyId (WECHAT_FACE_GENERATION=2).",
      "请改用 wx.requestFacialVerify 和 start.verifyId（WECHAT_FACE_GENERATION=2）。",
    ),
    find: (project) => places(callsOf(project, V1).filter(({ of }) => of !== "sdk")),
  },
  {
    name: "v2-promise",
    what: text("wx.requestFacialVerify has no Promise form.", "wx.requestFacialVerify 没有 Promise 形式。"),
    fix: text("Pass success and fail.", "请传入 success 和 fail。"),
    find: (project) => places(callsOf(project, V2).filter(isTakenAsPromise)),
  },
  {
    name: "v2-not-looked-for",
    what: text(
      "wx.requestFacialVerify is called on old versions of WeChat too, where it does not exist (base library 3.8.12).",
      "旧版微信没有 wx.requestFacialVerify（基础库 3.8.12），代码仍会调用。",
    ),
    fix: text(
      "Look first: if (!wx.requestFacialVerify) ask to update WeChat.",
      "请先判断：if (!wx.requestFacialVerify) 提示升级微信。",
    ),
    find: (project) =>
      looksFor(project, "requestFacialVerify") ? [] : places(callsOf(project, V2)).slice(0, 1),
  },
];
