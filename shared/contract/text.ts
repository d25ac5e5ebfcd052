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
