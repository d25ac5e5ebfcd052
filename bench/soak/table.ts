/** What a soak prints: one table of what happened and of what must be true, and the exit code that follows. */
import type { Check } from "./settle-down.ts";

/** The lines of the table. */
export function tableOf(
  happened: readonly (readonly [what: string, found: string])[],
  checks: readonly Check[],
): string[] {
  const rows = [
    ...happened.map(([what, found]) => [what, found, ""]),
    ...checks.map(({ name, found, verdict }) => [name, found, verdict]),
  ];
  return ["| what | found | |", "|---|---|---|", ...rows.map((cells) => `| ${cells.join(" | ")} |`)];
}

/** How often each name is there, such as `2 eid, 1 h5`. */
export function countedBy(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names.toSorted()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, times]) => `${times} ${name}`).join(", ");
}

/** 1 if something is wrong. */
export const exitCodeOf = (checks: readonly Check[]): number =>
  checks.some(({ verdict }) => verdict === "WRONG") ? 1 : 0;
