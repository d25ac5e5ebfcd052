/** What a result code means to us. One table per result family; nowhere else is a code interpreted. */

/**
 * - `passed`: the provider is satisfied.
 * - `pending`: no verdict yet; ask again.
 * - `retry`: this attempt failed, and the person may try again on the same token.
 * - `final`: nothing more can come of this token.
 * - `trouble`: the provider's or the integration's fault, not the person's; the token may still be used.
 * - `expired`: the token's time was over before the person finished.
 */
export type CodeClass = "passed" | "pending" | "retry" | "final" | "trouble" | "expired";

/** One published code. */
export interface CodeMeaning {
  readonly class: CodeClass;
  /** Our stable word for the reason, the same across families; `reason.code` of the contract. */
  readonly reason: string;
  /** What the published table says of charging; an attempt's own flag has the last word. */
  readonly charged: boolean;
  /** Whether the same person with the same data has a chance at another try. */
  readonly retryable: boolean;
  readonly zh: string;
  readonly en: string;
}

/** Codes by the text that the provider writes. */
export type CodeTable = Readonly<Record<string, CodeMeaning>>;

/** A kind of result: one published table of codes, and what holds for all its results. */
export interface ResultFamily {
  /** What the verdict's code means. */
  readonly codes: CodeTable;
  /** What the codes of single attempts mean, where that is another table. */
  readonly attemptCodes?: CodeTable;
  /** True if nothing but the openid in a result says whose it is: without one, a pass is nobody's. */
  readonly namesOwnerByOpenid: boolean;
  /** The reason of a verification whose token ended without a result. */
  readonly expiredReason: "neverFinished" | "neverReported";
}

/** A code that no published table has: a failed attempt, never a pass; the number is kept beside it. */
const UNKNOWN_CODE: CodeMeaning = {
  class: "retry",
  reason: "unknown_code",
  charged: false,
  retryable: true,
  zh: "核验未通过，请重试",
  en: "Not verified; try again",
};

/** What a code means. `Object.hasOwn`, so that a code such as `constructor` means nothing. */
export const meaningIn = (table: CodeTable, code: string): CodeMeaning =>
  (Object.hasOwn(table, code) ? table[code] : undefined) ?? UNKNOWN_CODE;

/** One or more codes with one meaning. */
export type CodeRow = readonly [codes: readonly number[], reason: string, zh: string, en: string];

/** Rows of one class; what a published table says of charging and what we say of retrying hold for the whole group. */
export function codeGroup(
  codeClass: CodeClass,
  { retryable, charged }: { readonly retryable: boolean; readonly charged: boolean },
  rows: readonly CodeRow[],
): [string, CodeMeaning][] {
  return rows.flatMap(([codes, reason, zh, en]) =>
    codes.map((code): [string, CodeMeaning] => [
      String(code),
      { class: codeClass, reason, charged, retryable, zh, en },
    ]),
  );
}

/** All integers from `first` to `last`. */
export const codeSpan = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);
