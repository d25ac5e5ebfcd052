/** Whether the CLI deployed. Its exit code alone says nothing: it is 0 too when nobody was logged in and nothing was done. */
import type { CliEnd } from "./run.ts";

/** What the CLI was asked for: one instance, or as many as a folder holds. */
export type Asked = { readonly instances: "one" } | { readonly instances: number };

/** Why it is no success, with what to do; `undefined` if it is one. */
export function failureOf({ exitCode, output }: CliEnd, asked: Asked): string | undefined {
  if (exitCode === undefined) {
    return "The serverless CLI did not end in time and was stopped; run the same command again, or use --direct.";
  }
  if (exitCode === 0 && succeeded(output, asked)) return undefined;
  const [, remedy] = remedies.find(([sign]) => sign.test(output)) ?? [];
  if (remedy) return `The serverless CLI failed. ${remedy}`;
  return exitCode === 0
    ? "The serverless CLI ended as if all were well, and never said that it deployed; nothing can be relied on. Read its lines above, or use --direct."
    : `The serverless CLI failed (exit code ${exitCode}). Read its lines above; npm run deploy -- --direct does the same without it.`;
}

/** The words that it ends with (components 3.18.2, commands-cn/run.js and runAll.js). */
const succeeded = (output: string, { instances }: Asked): boolean =>
  instances === "one" ? output.includes("执行成功") : output.includes(`已成功部署组件${instances}个`);

/** Signs of what a first deploy meets (facts: docs/decisions, and the CLI's own texts). */
const remedies: readonly (readonly [RegExp, string])[] = [
  [
    /请扫码进行登陆/,
    "It found no key and asked to be logged in by a QR code; check TENCENT_SECRET_ID and TENCENT_SECRET_KEY, and TENCENT_TOKEN, which may have expired.",
  ],
  [
    /SLS_QcsRole/,
    "Its engine works through the role SLS_QcsRole, which this account has not got or this key may not use: open the Serverless console once and authorize it (Tencent doc 1154/43006), or use --direct.",
  ],
  [
    /SyntaxError: Unexpected token|bad response from tencent/,
    "One of its services answered something that it does not understand, as its old hosts may do since API Gateway was switched off; use --direct, which needs none of them.",
  ],
  [
    /AuthFailure/,
    "Tencent Cloud refused this key; check TENCENT_SECRET_ID and TENCENT_SECRET_KEY, and TENCENT_TOKEN for a temporary key.",
  ],
  [
    /ENOTFOUND|ECONNREFUSED|ETIMEDOUT|ECONNRESET/,
    "It could not reach Tencent Cloud; check the network of this machine (HTTPS_PROXY, if it needs one).",
  ],
  [
    /版本过低|升级.*(CLI|版本)|upgrade/i,
    "Its engine wants a newer CLI than the last one on npm; use --direct, or Tencent's own CLI as docs/deploy.md says.",
  ],
];
