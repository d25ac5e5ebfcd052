/** The recorded ratios of the benches: what `npm run bench -- --check` holds a run against. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

/** What a bench found: a table for people, and the ratios that are compared, smaller being better. */
export interface Measured {
  readonly table: readonly string[];
  readonly ratios: Readonly<Record<string, number>>;
}

type Ratios = Measured["ratios"];

/** How much worse than recorded a ratio may be. */
const TOLERANCE = 1.25;

const FILE = join(import.meta.dirname, "ratios.json");

/** What is recorded. */
export const recordedRatios = (): Ratios =>
  z.record(z.string(), z.number()).parse(JSON.parse(readFileSync(FILE, "utf8")));

/** Records what was measured, beside what other benches have recorded. */
export function recordRatios(measured: Ratios): void {
  const rounded = Object.entries(measured).map(([name, ratio]) => [name, Number(ratio.toFixed(2))]);
  const all = { ...recordedRatios(), ...Object.fromEntries(rounded) };
  writeFileSync(FILE, `${JSON.stringify(all, null, 2)}\n`);
}

/** A sentence for each ratio that is more than 25 % worse than recorded, was not measured, or is not recorded. */
export function regressions(recorded: Ratios, measured: Ratios): string[] {
  const names = new Set([...Object.keys(recorded), ...Object.keys(measured)]);
  return [...names].flatMap((name) => {
    const [before, now] = [recorded[name], measured[name]];
    if (before === undefined) return [`${name}: not recorded yet (npm run bench -- --record)`];
    if (now === undefined) return [`${name}: recorded, but not measured any more`];
    // Written so that NaN is a regression.
    if (now <= before * TOLERANCE) return [];
    return [`${name}: ${now.toFixed(2)}, recorded ${before.toFixed(2)}`];
  });
}
