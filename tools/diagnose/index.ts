/** Code → cause → fix, one table per service. */
import { databaseTable } from "./database.ts";
import { faceIdTable } from "./faceid.ts";
import { networkTable } from "./network.ts";
import type { Diagnosis, DiagnosisTable } from "./table.ts";
import { wechatTable } from "./wechat.ts";

const tables = {
  database: databaseTable,
  faceid: faceIdTable,
  network: networkTable,
  wechat: wechatTable,
} satisfies Record<string, DiagnosisTable>;

/** A service whose codes are known. `network` has the codes of DNS, TCP and TLS. */
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
