/** Codes of SCF, and those that all APIs of Tencent Cloud share, as a first deploy meets them (API 3.0, common codes). */
import { text } from "../language/index.ts";
import type { DiagnosisTable } from "./table.ts";

/** `{operation}` is the action that was called. */
export const scfTable: DiagnosisTable = [
  [
    /^AuthFailure\.SignatureExpire$/,
    text("The clock of this machine is wrong by more than five minutes", "本机时钟误差超过五分钟"),
    text("Set it by NTP, then run the same command again.", "请用 NTP 校准，然后再次运行同一命令。"),
  ],
  [
    /^(AuthFailure\.)?UnauthorizedOperation/,
    text("The key's user may not call scf:{operation}", "密钥的用户无权调用 scf:{operation}"),
    text(
      "Add it to the user's policy (docs/deploy.md has one; for a role also cam:PassRole).",
      "请把它加到该用户的策略中（docs/deploy.md 中有一份；使用角色时还需要 cam:PassRole）。",
    ),
  ],
  [
    /^AuthFailure/,
    text("Tencent Cloud does not know this key", "腾讯云没有这个密钥"),
    text(
      "Check TENCENT_SECRET_ID and TENCENT_SECRET_KEY, and TENCENT_TOKEN for a temporary key.",
      "请检查 TENCENT_SECRET_ID 和 TENCENT_SECRET_KEY；临时密钥还要检查 TENCENT_TOKEN。",
    ),
  ],
  [
    /^LimitExceeded\.Function$/,
    text("The account has as many functions as it may have", "账号的函数数量已达上限"),
    text("Delete some, or ask for a higher quota.", "请删除一些，或申请提高配额。"),
  ],
  [
    /\.Runtime$/,
    text(
      "This region does not offer the runtime that serverless.yml names",
      "该地域不提供 serverless.yml 指定的运行环境",
    ),
    text("Choose another REGION.", "请更换 REGION。"),
  ],
  [
    /\.Role$/,
    text("SCF_ROLE does not name a role that SCF may assume", "SCF_ROLE 不是云函数可以使用的角色"),
    text("Create the role as docs/deploy.md says.", "请按 docs/deploy.md 创建角色。"),
  ],
  [
    /\.(Vpc|VpcId|SubnetId)/,
    text("The private network does not exist in this region", "该地域没有这个私有网络"),
    text("Check its ids.", "请检查其 ID。"),
  ],
  [
    /^(ResourceUnavailable|UnsupportedOperation)\.?(InsufficientBalance|Arrears)?/,
    text("The account may be in arrears, or SCF not activated", "账号可能已欠费，或没有开通云函数"),
    text("Check the front page of the console.", "请查看控制台首页。"),
  ],
];
