const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const TEN_YEARS_MS = 3_650 * 86_400_000;
const DURATION = /^(?=\d)(?:\d{1,10}d)?(?:\d{1,10}h)?(?:\d{1,10}m)?(?:\d{1,10}s)?$/;

/**
 * Milliseconds of a duration such as `"72h"`, `"90m"`, `"30s"`, `"1d"` or `"2h5m"` (larger units first, each once);
 * undefined when it is anything else, is negative, or is longer than ten years.
 */
export function durationMs(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  let milliseconds = 0;
  for (const [, digits, unit = ""] of text.matchAll(/(\d+)([smhd])/g)) {
    milliseconds += Number(digits) * (UNITS[unit] ?? Number.NaN);
  }
  return milliseconds <= TEN_YEARS_MS ? milliseconds : undefined;
}
