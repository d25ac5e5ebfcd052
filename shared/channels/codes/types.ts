/** What a result code means to us. One table a product; nowhere else is a code interpreted. */

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
  /** Our stable word for the reason, the same across products; `reason.code` of the contract. */
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
