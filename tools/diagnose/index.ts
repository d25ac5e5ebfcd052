/** Code → cause → fix, one table per service. */
import { customDomainTable } from "./custom-domain.ts";
import { databaseTable } from "./database.ts";
import { faceIdTable } from "./faceid.ts";
import { networkTable } from "./network.ts";
import { scfTable } from "./scf.ts";
import { serverlessCliTable } from "./serverless-cli.ts";
import type { Diagnosis, DiagnosisTable } from "./table.ts";
import { wechatTable } from "./wechat.ts";

const tables = {
  "custom-domain": customDomainTable,
  database: databaseTable,
  faceid: faceIdTable,
  network: networkTable,
  scf: scfTable,
  "serverless-cli": serverlessCliTable,
  wechat: wechatTable,
} satisfies Record<string, DiagnosisTable>;

/**
 * A service whose codes are known. `network` has the codes of DNS, TCP and TLS; `serverless-cli` has no codes: its table
 * matches what the CLI printed.
 */
export type Service = keyof typeof tables;

/**
 * What a service's code means and how to fix it; `undefined` for a code that no table knows. Where a text holds `{name}`, the
 * caller fills in its own value.
 *
 * @example diagnose("wechat", "40125") // { why: "The AppSecret is wrong", fix: "Reset it in …" }
 */
export function diagnose(service: Service, code: string): Diagnosis | undefined {
  const row = tables[service].find(([codes]) => codes.test(code));
  return row && { why: row[1], fix: row[2] };
}
