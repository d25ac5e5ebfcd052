/** Runs the independent parts of a timer function so that none stops the others. */
import { log } from "./log.ts";

/** Runs every part, one after the other. A part that throws is logged under its name and counted in `failedParts`. */
export async function runParts<Name extends string>(
  parts: Readonly<Record<Name, () => Promise<number>>>,
): Promise<Partial<Record<Name, number>> & { failedParts: number }> {
  const counts: Partial<Record<Name, number>> = {};
  let failedParts = 0;
  for (const name of Object.keys(parts) as Name[]) {
    try {
      counts[name] = await parts[name]();
    } catch (error) {
      failedParts += 1;
      log.error({ error, part: name }, "a part of this run failed");
    }
  }
  return { ...counts, failedParts };
}
