/** What the serverless CLI prints when a first deploy fails (docs/decisions/0021, and the CLI's own texts). */
import type { DiagnosisTable } from "./table.ts";

/** Matched against everything that the CLI printed. */
export const serverlessCliTable: DiagnosisTable = [
  [
    /请扫码进行登陆/,
    "It found no key and asked for a login by QR code",
    "Check TENCENT_SECRET_ID and TENCENT_SECRET_KEY, and TENCENT_TOKEN, which may have expired.",
  ],
  [
    /SLS_QcsRole/,
    "Its engine works through the role SLS_QcsRole, which this account does not have or this key may not use",
    "Open the Serverless console once and authorize it (Tencent doc 1154/43006), or use --direct.",
  ],
  [
    /SyntaxError: Unexpected token|bad response from tencent/,
    "One of its services sent a response that it cannot read, as its old hosts may since API Gateway was switched off",
    "Use --direct, which needs none of them.",
  ],
  [
    /AuthFailure/,
    "Tencent Cloud refused this key",
    "Check TENCENT_SECRET_ID and TENCENT_SECRET_KEY, and TENCENT_TOKEN for a temporary key.",
  ],
  [
    /ENOTFOUND|ECONNREFUSED|ETIMEDOUT|ECONNRESET/,
    "It could not reach Tencent Cloud",
    "Check the network of this machine (HTTPS_PROXY, if it needs one).",
  ],
  [
    /版本过低|升级.*(CLI|版本)|upgrade/i,
    "Its engine wants a newer CLI than the last one on npm",
    "Use --direct, or Tencent's own CLI as docs/deploy.md says.",
  ],
];
