/** Codes of FaceID's API: those that all APIs of Tencent Cloud share (API 3.0, common codes), and FaceID's own. */
import { text } from "../language/index.ts";
import type { DiagnosisTable } from "./table.ts";

const copyKey = text(
  "Copy both halves of an active key from the console, Access Management, API keys.",
  "请从控制台的访问管理 → API 密钥复制一个启用中的密钥，SecretId 和 SecretKey 都要复制。",
);

/** Codes about the caller, the account, and the RuleId or MerchantId. */
export const faceIdTable: DiagnosisTable = [
  [
    /^AuthFailure\.SecretIdNotFound$/,
    text("Tencent Cloud does not know this SecretId", "腾讯云没有这个 SecretId"),
    copyKey,
  ],
  [
    /^AuthFailure\.InvalidSecretId$/,
    text("This is no SecretId of Tencent Cloud's API", "这不是腾讯云 API 的 SecretId"),
    copyKey,
  ],
  [
    /^AuthFailure\.SignatureFailure$/,
    text("The SecretKey does not belong to this SecretId", "SecretKey 与这个 SecretId 不匹配"),
    text(
      "Copy both halves of one key; half of another key, or a space at the end, is enough to fail.",
      "请复制同一个密钥的两部分；混入另一个密钥，或末尾多一个空格，都会失败。",
    ),
  ],
  [
    /^AuthFailure\.SignatureExpire$/,
    text("The clocks are more than five minutes apart", "时钟相差五分钟以上"),
    text(
      "Set this machine's clock by NTP (chrony, timedatectl set-ntp true), then run the doctor again.",
      "请用 NTP 校准本机时钟（chrony、timedatectl set-ntp true），然后再次运行 doctor。",
    ),
  ],
  [
    /^AuthFailure\.TokenFailure$/,
    text(
      "TENCENT_TOKEN does not belong to this temporary key, or has expired",
      "TENCENT_TOKEN 与这个临时密钥不匹配，或已过期",
    ),
    text(
      "Fetch a new temporary key, or use a permanent one and leave TENCENT_TOKEN empty.",
      "请获取新的临时密钥，或使用永久密钥并把 TENCENT_TOKEN 留空。",
    ),
  ],
  [
    /^AuthFailure\.UnauthorizedOperation$/,
    text("The key is right, but its user may not call FaceID", "密钥正确，但其用户无权调用人脸核身"),
    text(
      "Grant that user or role the actions of FaceID in Access Management (CAM).",
      "请在访问管理（CAM）中授予该用户或角色人脸核身的操作权限。",
    ),
  ],
  [
    /^AuthFailure\.MFAFailure$/,
    text("This key needs a second factor", "这个密钥需要二次验证"),
    text("Use a key of a user without one, made for this.", "请使用一个专用的、不需要二次验证的用户的密钥。"),
  ],
  [
    /^UnauthorizedOperation\.NonAuthorize$/,
    text("The account's owner is not verified", "账号尚未实名认证"),
    text("Finish the verification of the account in the console.", "请在控制台完成账号的实名认证。"),
  ],
  [
    /^UnauthorizedOperation\.Nonactivated$/,
    text("FaceID is not activated in this account", "该账号没有开通人脸核身"),
    text("Activate 人脸核身 in the FaceID console.", "请在人脸核身控制台开通。"),
  ],
  [
    /^UnauthorizedOperation\.Activating$/,
    text("FaceID is being activated", "人脸核身正在开通"),
    text("Run the doctor again in some minutes.", "请过几分钟再运行 doctor。"),
  ],
  [
    /^UnauthorizedOperation\.Arrears$/,
    text("The account is in arrears", "账号已欠费"),
    text("Top the account up in the console.", "请在控制台充值。"),
  ],
  [
    /^(AuthFailure|UnauthorizedOperation|Ip(InBlacklist|NotInWhitelist))/,
    text("Tencent Cloud refuses the caller", "腾讯云拒绝了调用者"),
    text(
      "Look the code up in the documentation of FaceID's API, and check the account in the console.",
      "请在人脸核身的 API 文档中查找该错误码，并在控制台检查账号。",
    ),
  ],
  [
    /^InvalidParameterValue\.RuleIdNotExist$/,
    text("Tencent Cloud does not know it in the account of this key", "这个密钥的账号里没有它"),
    text(
      "Copy it from the FaceID console of the account whose key this is; it must be approved there.",
      "请从该密钥所属账号的人脸核身控制台复制；它必须已通过审核。",
    ),
  ],
  [
    /^InvalidParameterValue\.RuleIdDisabled$/,
    text("It is switched off", "它已停用"),
    text("Switch it on in the FaceID console.", "请在人脸核身控制台启用。"),
  ],
];
