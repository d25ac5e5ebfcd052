// The one file: `locales` of "zod/mini" would bring all fifty languages into every bundle.
import en from "zod/v4/locales/en.js";

/** Text for people in the two languages of this project, stated once where it is needed. */
export interface Text {
  readonly en: string;
  readonly zh: string;
}

/** A language that texts are in. */
export type Language = keyof Text;

/**
 * What a schema's rule says of a value that breaks it: zod's own message is the English one.
 *
 * @example z.string().check(z.refine(isPlain, refusal("holds control characters", "含有控制字符")))
 */
export const refusal = (en: string, zh: string) => ({ error: en, params: { zh } });

/**
 * What a schema says, in English, of a value that breaks a rule without a {@link refusal}. `zod/mini` has no texts of its own:
 * who shows an issue's message to people passes these on.
 *
 * @example schema.safeParse(value, { error: englishMessages })
 */
export const englishMessages = en().localeError;
