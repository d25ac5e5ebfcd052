/** WeChat's global return codes that concern the app and its caller. */
import type { DiagnosisTable } from "./table.ts";

const consolePage = "mp.weixin.qq.com, Development, Development settings";

/** Codes of `stable_token`. `{address}` is the address that WeChat refused, which it mostly names. */
export const wechatTable: DiagnosisTable = [
  [/^40013$/, "WeChat does not know this AppId", `Copy it from ${consolePage}.`],
  [
    /^(40001|40125)$/,
    "The AppSecret is wrong",
    `Reset it in ${consolePage} and set the new one; the old one is not shown again.`,
  ],
  [/^40243$/, "The AppSecret is frozen", `Unfreeze it in ${consolePage}.`],
  [
    /^(40164|61004|89503)$/,
    "WeChat does not accept calls from {address}",
    `In ${consolePage}, IP allow-list, add {address} and the fixed outbound address of the functions, or switch the list off.`,
  ],
  [/^48001$/, "The app may not make this call", "Check the permissions of the app in its console."],
];
