/** The language that commands print in: Chinese where the reader's locale says so, English everywhere else. */

declare const bilingual: unique symbol;

/** What a person reads in their own language. Only {@link text} and {@link verbatim} make one, so no language is forgotten. */
export type Text = string & { readonly [bilingual]: true };

/** The first that is not empty counts (POSIX, 8.2 Internationalization Variables). */
const locale = process.env["LC_ALL"] || process.env["LC_MESSAGES"] || process.env["LANG"] || "";

/** What programs read is the same everywhere, so `--json` is answered in English. */
const isChinese = /^zh/i.test(locale) && !process.argv.includes("--json");

/**
 * A text in the reader's language. Names of settings, functions, codes and commands are the same in both.
 *
 * @example text("3 problems found", "发现 3 个问题")
 */
export function text(english: string, chinese: string): Text;
export function text(english: string, chinese: string): string {
  return isChinese ? chinese : english;
}

/** Which of two translations the reader gets. */
export const language = isChinese ? "zh" : "en";

/**
 * What reads the same in both languages: a name, or the message of somebody else.
 *
 * @example verbatim("DATABASE_URL")
 */
export const verbatim = (name: string): Text => text(name, name);

/** Chinese characters and full-width signs. */
const WIDE = /[\u2e80-\ua4cf\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/gu;

/** How many columns a text takes on a terminal: two per Chinese character. */
export const widthOf = (shown: string): number => shown.length + (shown.match(WIDE)?.length ?? 0);

/** A text with spaces behind it, so that it fills so many columns of a terminal. */
export const padded = (shown: string, width: number): string =>
  shown + " ".repeat(Math.max(0, width - widthOf(shown)));
