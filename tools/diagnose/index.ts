/** Code → cause → fix, one table per service. */
import { customDomainTable } from "./custom-domain.ts";
import { scfTable } from "./scf.ts";
import { serverlessCliTable } from "./serverless-cli.ts";
import type { Diagnosis, DiagnosisTable } from "./table.ts";

const tables = {
  "custom-domain": customDomainTable,
  scf: scfTable,
  "serverless-cli": serverlessCliTable,
} satisfies Record<string, DiagnosisTable>;

/** A service whose codes are known. `serverless-cli` has no codes: its table matches what the CLI printed. */
export type Service = keyof typeof tables;

/**
 * What a service's code means and how to fix it; `undefined` for a code that no table knows. Where a text holds `{name}`, the
 * caller fills in its own value.
 *
 * @example diagnose("scf", "LimitExceeded.Function") // { why: "The account has as many functions …", fix: "Delete some …" }
 */
export function diagnose(service: Service, code: string): Diagnosis | undefined {
  const row = tables[service].find(([codes]) => codes.test(code));
  return row && { why: row[1], fix: row[2] };
}
