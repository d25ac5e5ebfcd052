/** What the report looks like: lines for people, one document for programs. */
import type { CheckResult } from "./check.ts";
import type { ReportLine } from "./run-checks.ts";

const resultWidth = "not checked".length;

/** The result and what was checked; under it, unless it passed, why and how to fix it. */
export function lineOf(line: ReportLine): string {
  const head = `  ${line.result.padEnd(resultWidth)}  ${line.name}`;
  if (line.result === "passed") return line.detail ? `${head}: ${line.detail}` : head;
  const indent = " ".repeat(resultWidth + 4);
  return `${head}\n${indent}why: ${line.why}\n${indent}fix: ${line.fix}`;
}

/** How many checks had each result. */
export function countsOf(lines: readonly ReportLine[]): Readonly<Record<CheckResult["result"], number>> {
  const count = (result: CheckResult["result"]) => lines.filter((line) => line.result === result).length;
  return { passed: count("passed"), failed: count("failed"), "not checked": count("not checked") };
}

/** The last line. */
export const summaryOf = (lines: readonly ReportLine[]): string =>
  Object.entries(countsOf(lines))
    .map(([result, count]) => `${count} ${result}`)
    .join(", ");

/** Everything as JSON: `{configuration, counts, checks: [{group, name, result, detail?, why?, fix?}]}`. */
export const documentOf = (configuration: string, lines: readonly ReportLine[]): string =>
  JSON.stringify({ configuration, counts: countsOf(lines), checks: lines }, undefined, 2);
