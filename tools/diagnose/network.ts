/** Codes of DNS, TCP and TLS, as `fetch` gives them in the cause of its error. */
import { text } from "../language/index.ts";
import type { DiagnosisTable } from "./table.ts";

/** Codes of requests that got no response. */
export const networkTable: DiagnosisTable = [
  [
    /^(ENOTFOUND|EAI_)/,
    text("DNS does not know its name", "DNS 查不到它的域名"),
    text("Correct the name, or add its DNS record.", "请更正域名，或添加 DNS 记录。"),
  ],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME/,
    text("Its certificate is not valid", "它的证书无效"),
    text(
      "Install a certificate for this name with its whole chain, from an authority that browsers trust.",
      "请安装该域名的证书，要有完整证书链，并由浏览器信任的机构签发。",
    ),
  ],
];
