/** What the serverless CLI prints when a first deploy fails (docs/decisions/0021, and the CLI's own texts). */
import { text } from "../language/index.ts";
import type { DiagnosisTable } from "./table.ts";

/** Matched against everything that the CLI printed. */
export const serverlessCliTable: DiagnosisTable = [
  [
    /请扫码进行登陆/,
    text("It found no key and asked for a login by QR code", "它没有找到密钥，要求扫码登录"),
    text(
      "Check TENCENT_SECRET_ID and TENCENT_SECRET_KEY, and TENCENT_TOKEN, which may have expired.",
      "请检查 TENCENT_SECRET_ID 和 TENCENT_SECRET_KEY，以及可能已过期的 TENCENT_TOKEN。",
    ),
  ],
  [
    /SLS_QcsRole/,
    text(
      "Its engine works through the role SLS_QcsRole, which this account does not have or this key may not use",
      "它的引擎通过角色 SLS_QcsRole 工作，而该账号没有这个角色，或密钥无权使用",
    ),
    text(
      "Open the Serverless console once and authorize it (Tencent doc 1154/43006), or use --direct.",
      "请打开一次 Serverless 控制台并授权（腾讯云文档 1154/43006），或使用 --direct。",
    ),
  ],
  [
    /SyntaxError: Unexpected token|bad response from tencent/,
    text(
      "One of its services sent a response that it cannot read, as its old hosts may since API Gateway was switched off",
      "它的某个服务返回了无法解析的内容；API 网关下线后，它的旧主机可能如此",
    ),
    text("Use --direct, which needs none of them.", "请使用 --direct，它不依赖这些服务。"),
  ],
  [
    /AuthFailure/,
    text("Tencent Cloud refused this key", "腾讯云拒绝了这个密钥"),
    text(
      "Check TENCENT_SECRET_ID and TENCENT_SECRET_KEY, and TENCENT_TOKEN for a temporary key.",
      "请检查 TENCENT_SECRET_ID 和 TENCENT_SECRET_KEY；临时密钥还要检查 TENCENT_TOKEN。",
    ),
  ],
  [
    /ENOTFOUND|ECONNREFUSED|ETIMEDOUT|ECONNRESET/,
    text("It could not reach Tencent Cloud", "它无法连接腾讯云"),
    text(
      "Check the network of this machine (HTTPS_PROXY, if it needs one).",
      "请检查本机网络（需要代理时设置 HTTPS_PROXY）。",
    ),
  ],
  [
    /版本过低|升级.*(CLI|版本)|upgrade/i,
    text("Its engine wants a newer CLI than the last one on npm", "它的引擎要求比 npm 上最后一版更新的 CLI"),
    text(
      "Use --direct, or Tencent's own CLI as docs/deploy.md says.",
      "请使用 --direct，或按 docs/deploy.md 使用腾讯云自己的 CLI。",
    ),
  ],
];
