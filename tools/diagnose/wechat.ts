/** WeChat's global return codes that concern the app and its caller. */
import { text } from "../language/index.ts";
import type { DiagnosisTable } from "./table.ts";

const consolePage = text(
  "mp.weixin.qq.com, Development, Development settings",
  "mp.weixin.qq.com 的“开发管理 → 开发设置”",
);

/** Codes of `stable_token`. `{address}` is the address that WeChat refused, which it mostly names. */
export const wechatTable: DiagnosisTable = [
  [
    /^40013$/,
    text("WeChat does not know this AppId", "微信没有这个 AppId"),
    text(`Copy it from ${consolePage}.`, `请从 ${consolePage} 复制。`),
  ],
  [
    /^(40001|40125)$/,
    text("The AppSecret is wrong", "AppSecret 错误"),
    text(
      `Reset it in ${consolePage} and set the new one; the old one is not shown again.`,
      `请在 ${consolePage} 重置并填写新的；旧的不会再显示。`,
    ),
  ],
  [
    /^40243$/,
    text("The AppSecret is frozen", "AppSecret 已冻结"),
    text(`Unfreeze it in ${consolePage}.`, `请在 ${consolePage} 解冻。`),
  ],
  [
    /^(40164|61004|89503)$/,
    text("WeChat does not accept calls from {address}", "微信不接受来自 {address} 的调用"),
    text(
      `In ${consolePage}, IP allow-list, add {address} and the fixed outbound address of the functions, or switch the list off.`,
      `请在 ${consolePage} 的 IP 白名单中加入 {address} 和函数的固定出口 IP，或关闭白名单。`,
    ),
  ],
  [
    /^48001$/,
    text("The app may not make this call", "该应用无权调用这个接口"),
    text("Check the permissions of the app in its console.", "请在微信后台检查应用的权限。"),
  ],
];
