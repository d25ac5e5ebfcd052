/** The reader's language by `Accept-Language` (RFC 9110, 12.5.4). */
import type { Language } from "../contract/text.ts";

/**
 * One language range with its weight. Behind the language any region or script, also with the underscore of WeChat's own
 * `zh_CN`.
 */
const RANGE =
  /^[ \t]*(?:(zh|en)(?:[-_][a-z0-9*_-]*)?|\*)[ \t]*(?:;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)[ \t]*)?$/i;

/**
 * The language that the reader weighs highest, English in doubt. Of equal weights the first named counts, and any name
 * before `*`. What is not a range of a language of ours is passed over.
 *
 * @example preferredLanguage("zh-CN,zh;q=0.9,en;q=0.8") // "zh"
 */
export function preferredLanguage(acceptLanguage = ""): Language {
  const weights = new Map<string, number>();
  for (const range of acceptLanguage.split(",")) {
    const [matched, language = "*", weight = "1"] = RANGE.exec(range) ?? [];
    if (matched === undefined) continue;
    const name = language.toLowerCase();
    weights.set(name, Math.max(weights.get(name) ?? 0, Number(weight)));
  }
  const others = weights.get("*") ?? 0;
  const zh = weights.get("zh") ?? others;
  const en = weights.get("en") ?? others;
  if (zh !== en) return zh > en ? "zh" : "en";
  return zh > 0 && [...weights.keys()].find((name) => name !== "*") === "zh" ? "zh" : "en";
}
