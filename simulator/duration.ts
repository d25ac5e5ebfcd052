const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const TEN_YEARS_MS = 3_650 * 86_400_000;

/**
 * Milliseconds of a duration such as `"72h"`, `"90m"`, `"30s"` or `"1d"`; undefined when it is anything else, is
 * negative, or is longer than ten years.
 */
export function durationMs(text: string): number | undefined {
  const [, digits, unit] = /^(\d{1,10})([smhd])$/.exec(text) ?? [];
  if (digits === undefined || unit === undefined) return undefined;
  const milliseconds = Number(digits) * (UNITS[unit] ?? Number.NaN);
  return milliseconds <= TEN_YEARS_MS ? milliseconds : undefined;
}
