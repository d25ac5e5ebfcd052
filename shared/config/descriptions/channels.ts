/** Settings of the channels and of WeChat's message push. */
import type { SettingName } from "../settings.ts";
import type { SettingDescription } from "./description.ts";

type Descriptions = Readonly<Partial<Record<SettingName, SettingDescription>>>;

export const miniProgram = {
  title: { en: "Channel mini-program (FaceID)", zh: "核身方式 mini-program（FaceID 小程序）" },
  settings: {
    FACEID_RULE_ID_MINI_PROGRAM: {
      en: "RuleId of the mini-program's flow, from the FaceID console",
      zh: "小程序流程的 RuleId，见人脸核身控制台",
      example: "change-me",
    },
    IDENTITY_MINI_PROGRAM: {
      en: "Whether a token request names the person: `required`, `optional` or `forbidden`",
      zh: "请求是否带 `identity`：`required`、`optional` 或 `forbidden`",
    },
  } satisfies Descriptions,
};

export const h5 = {
  title: { en: "Channel h5 (FaceID)", zh: "核身方式 h5（FaceID H5）" },
  settings: {
    FACEID_RULE_ID_H5: {
      en: "RuleId of the H5 flow, from the FaceID console",
      zh: "H5 流程的 RuleId，见人脸核身控制台",
      example: "change-me",
    },
    IDENTITY_H5: {
      en: "Whether a token request names the person: `required`, `optional` or `forbidden`",
      zh: "请求是否带 `identity`：`required`、`optional` 或 `forbidden`",
    },
  } satisfies Descriptions,
};

export const eid = {
  title: { en: "Channel eid (E证通)", zh: "核身方式 eid（E证通）" },
  settings: {
    EID_MERCHANT_ID: {
      en: "MerchantId of E证通",
      zh: "E证通的 MerchantId",
      example: "change-me",
    },
    EID_PRIVATE_KEY: {
      en: "The merchant's SM2 private key, 64 hex digits; without it the eID centre's information on the person cannot be opened",
      zh: "商户的 SM2 私钥，64 位十六进制；没有它，eID 中心对身份的说明无法打开",
      example: "change-me",
      secret: true,
    },
    EID_TOKEN_SECONDS: {
      en: "Lifetime of an EidToken in seconds, 60 to 7200",
      zh: "EidToken 的有效期（秒），60 至 7200",
    },
    EID_INPUT_TYPE: {
      en: "Who names the person when the request does not: `1` both sides of the ID card, `2` its front, `3` the person types",
      zh: "请求没有给出身份时由谁给出：`1` 身份证两面，`2` 人像面，`3` 手动输入",
    },
    EID_INTENTION: {
      en: "How the person confirms their intention after the face: `none`, `read`, `answer` or `nod`",
      zh: "刷脸之后如何确认意愿：`none`、`read`（朗读）、`answer`（回答）或 `nod`（点头）",
    },
    EID_INTENTION_TEXT: {
      en: "The text to read, the question, or the text to nod at; at most 120 characters",
      zh: "朗读的文字、问题，或点头确认的内容；最多 120 个字符",
      example: "您是否同意办理本业务？",
      needed: { en: "unless `EID_INTENTION` is `none`", zh: "`EID_INTENTION` 不是 `none` 时" },
    },
    EID_INTENTION_ANSWERS: {
      en: "Accepted answers, separated by `|`; at most 50 of at most 10 characters",
      zh: "可接受的回答，用 `|` 分隔；最多 50 个，每个最多 10 个字符",
      example: "同意|我同意",
      needed: { en: "if `EID_INTENTION` is `answer`", zh: "`EID_INTENTION` 为 `answer` 时" },
    },
    IDENTITY_EID: {
      en: "Whether a token request names the person: `required`, `optional` or `forbidden`",
      zh: "请求是否带 `identity`：`required`、`optional` 或 `forbidden`",
    },
  } satisfies Descriptions,
};

const forWechat = { en: "by `token-wechat` and `login`", zh: "`token-wechat` 和 `login` 需要" };

export const wechat = {
  title: { en: "Channel wechat", zh: "核身方式 wechat（微信人脸核验）" },
  settings: {
    WECHAT_APP_ID: {
      en: "AppId of the mini-program; without it `login` and WeChat's own channel are off",
      zh: "小程序的 AppId；没有它，`login` 和微信自带的核身方式关闭",
      example: "wx-change-me",
      needed: forWechat,
    },
    WECHAT_APP_SECRET: {
      en: "Its AppSecret",
      zh: "小程序的 AppSecret",
      example: "change-me",
      secret: true,
      needed: forWechat,
    },
    WECHAT_FACE_GENERATION: {
      en: "Version of WeChat's face API that issues: `2` is current, `1` is for apps that still have it",
      zh: "由哪一版微信人脸接口签发：`2` 为现行版，`1` 用于仍有旧版的应用",
    },
    WECHAT_FACE_IMAGE: {
      en: "`true` if the app has the separate permit for `getimage`",
      zh: "有 `getimage` 的单独权限时为 `true`",
    },
  } satisfies Descriptions,
};

export const push = {
  title: { en: "WeChat's message push", zh: "微信消息推送" },
  settings: {
    WECHAT_PUSH_TOKEN: {
      en: "Token of the message push, as in WeChat's console; while it is changed `new,old`",
      zh: "消息推送的 Token，与微信后台一致；更换期间写 `新,旧`",
      example: "change-me",
      secret: true,
    },
    WECHAT_PUSH_AES_KEY: {
      en: "EncodingAESKey of the message push; while it is changed `new,old`",
      zh: "消息推送的 EncodingAESKey；更换期间写 `新,旧`",
      example: "change-me",
      secret: true,
      needed: {
        en: "by `wechat-push`, unless `WECHAT_PUSH_MODE` is `plain`",
        zh: "`wechat-push` 需要，`plain` 模式除外",
      },
    },
    WECHAT_PUSH_MODE: {
      en: "`plain`, `compatible` or `secure`, as in WeChat's console",
      zh: "`plain`、`compatible` 或 `secure`，与微信后台一致",
    },
    WECHAT_ORIGINAL_ID: {
      en: "The app's original id (`gh_…`); with it, pushes for another app are without effect",
      zh: "小程序的原始 ID（`gh_…`）；设置之后，发给别的应用的推送不起作用",
      example: "gh_change-me",
    },
  } satisfies Descriptions,
};
