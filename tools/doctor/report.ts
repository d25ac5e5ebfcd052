/** How findings look: lines for people, one document for programs. */
import type { Outcome } from "./check.ts";
import type { Finding } from "./examine.ts";

const width = "not checked".length;

/** One finding as lines: the result and what was checked; under it, unless it passed, why and what to do. */
export function lineOf({ name, outcome }: Finding): string {
  const head = `  ${outcome.result.padEnd(width)}  ${name}`;
  if (outcome.result === "passed") return outcome.detail ? `${head}: ${outcome.detail}` : head;
  const indent = " ".repeat(width + 4);
  return `${head}\n${indent}why: ${outcome.why}\n${indent}remedy: ${outcome.remedy}`;
}

/** How many findings there are of each result. */
export function countsOf(findings: readonly Finding[]): Readonly<Record<Outcome["result"], number>> {
  const count = (result: Outcome["result"]) =>
    findings.filter(({ outcome }) => outcome.result === result).length;
  return { passed: count("passed"), failed: count("failed"), "not checked": count("not checked") };
}

/** The last line. */
export function summaryOf(findings: readonly Finding[]): string {
  return Object.entries(countsOf(findings))
    .map(([result, count]) => `${count} ${result}`)
    .join(", ");
}

/** Everything as JSON: `{configuration, counts, checks: [{family, name, result, detail?, why?, remedy?}]}`. */
export function documentOf(configuration: string, findings: readonly Finding[]): string {
  const checks = findings.map(({ family, name, outcome }) => ({ family, name, ...outcome }));
  return JSON.stringify({ configuration, counts: countsOf(findings), checks }, undefined, 2);
}
