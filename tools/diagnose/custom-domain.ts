/** Codes of SCF about custom domains (SDK for Go, scf v1.3.101, errors.go). */
import { text } from "../language/index.ts";
import type { DiagnosisTable } from "./table.ts";

/** `{domain}`, `{region}` and `{record}`, the DNS record that the domain needs, are the caller's. */
export const customDomainTable: DiagnosisTable = [
  [
    /^FailedOperation\.CNAME$/,
    text(
      "{domain} does not point to the functions yet, and SCF binds it only then",
      "{domain} 还没有指向函数，而云函数只绑定已指向它的域名",
    ),
    text(
      "Set this record at the domain's DNS provider: {record}. Once it has spread (minutes, sometimes an hour), run the same command again; the functions themselves are deployed.",
      "请在域名的 DNS 解析处设置记录：{record}。生效之后（几分钟，有时一小时）再次运行同一命令；函数本身已经部署。",
    ),
  ],
  [
    /^InvalidParameterValue\.Domain$/,
    text("SCF does not accept {domain}", "云函数不接受 {domain}"),
    text(
      "In a region of mainland China a domain needs an ICP filing (备案) that names Tencent Cloud as its provider: file it, or add Tencent Cloud to the existing filing. If it has one, check whether the domain is bound in another account, or in another region than {region}.",
      "中国大陆地域的域名须在腾讯云备案：请备案，或把腾讯云加入已有的备案。如果已经备案，请检查域名是否绑定在另一个账号，或 {region} 之外的地域。",
    ),
  ],
  [
    /^(FailedOperation\.Ssl|\w+\.\w*Cert\w*)$/,
    text(
      "CUSTOM_DOMAIN_CERTIFICATE does not name a certificate for {domain}",
      "CUSTOM_DOMAIN_CERTIFICATE 指定的不是 {domain} 的证书",
    ),
    text(
      "Check in the SSL console of this account that it exists, is issued, has not expired, and names this host.",
      "请在该账号的 SSL 控制台确认证书存在、已签发、未过期，并且包含这个主机名。",
    ),
  ],
  [
    /^ResourceNotFound\.Function/,
    text(
      "A path of {domain} points to a function that no longer exists",
      "{domain} 的某个路径指向一个已不存在的函数",
    ),
    text(
      "Remove that path in the console (SCF, Custom domain), then run the same command again.",
      "请在控制台（云函数 → 自定义域名）删除该路径，然后再次运行同一命令。",
    ),
  ],
  [
    /^LimitExceeded/,
    text(
      "The account has as many custom domains, or paths of one, as it may have",
      "账号的自定义域名或其路径数量已达上限",
    ),
    text("Remove some, or ask for a higher quota.", "请删除一些，或申请提高配额。"),
  ],
];
