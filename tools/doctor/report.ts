/** What the report looks like: lines for people, one document for programs. */

import { padded, type Text, text, widthOf } from "../language/index.ts";
import type { CheckResult } from "./check.ts";
import type { ReportLine } from "./run-checks.ts";

const resultWords = {
  passed: text("passed", "通过"),
  failed: text("failed", "失败"),
  "not checked": text("not checked", "未检查"),
} satisfies Record<CheckResult["result"], Text>;

const resultWidth = Math.max(...Object.values(resultWords).map(widthOf));

/** The result and what was checked; under it, unless it passed, why and how to fix it. */
export function lineOf(line: ReportLine): string {
  const head = `  ${padded(resultWords[line.result], resultWidth)}  ${line.name}`;
  if (line.result === "passed")
    return line.detail ? text(`${head}: ${line.detail}`, `${head}：${line.detail}`) : head;
  const indent = " ".repeat(resultWidth + 4);
  return text(
    `${head}\n${indent}why: ${line.why}\n${indent}fix: ${line.fix}`,
    `${head}\n${indent}原因：${line.why}\n${indent}办法：${line.fix}`,
  );
}

/** How many checks had each result. */
export function countsOf(lines: readonly ReportLine[]): Readonly<Record<CheckResult["result"], number>> {
  const count = (result: CheckResult["result"]) => lines.filter((line) => line.result === result).length;
  return { passed: count("passed"), failed: count("failed"), "not checked": count("not checked") };
}

/** The last line. */
export function summaryOf(lines: readonly ReportLine[]): string {
  const { passed, failed, "not checked": unknown } = countsOf(lines);
  return text(
    `${passed} passed, ${failed} failed, ${unknown} not checked`,
    `通过 ${passed}，失败 ${failed}，未检查 ${unknown}`,
  );
}

/** Everything as JSON: `{configuration, counts, checks: [{group, name, result, detail?, why?, fix?}]}`. */
export const documentOf = (configuration: string, lines: readonly ReportLine[]): string =>
  JSON.stringify({ configuration, counts: countsOf(lines), checks: lines }, undefined, 2);
