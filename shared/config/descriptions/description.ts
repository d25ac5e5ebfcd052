/** What people need to know about a setting. */

/** The same in both languages. */
export interface Translated {
  readonly en: string;
  readonly zh: string;
}

/** What the documents and `.env.example` say of a setting. One line in each language, without a full stop inside. */
export interface SettingDescription extends Translated {
  /** A right value, or a placeholder with `change-me` that no check accepts; may be left out where there is a default. */
  readonly example?: string;
  /** Must never be printed or committed; its example is always a placeholder. */
  readonly secret?: true;
  /** When it is needed, if that does not follow from the functions that read it. */
  readonly needed?: Translated;
  /** Nearly every deployment sets it, so it is not commented out in `.env.example`. */
  readonly usual?: true;
}

/** Settings that belong together. */
export interface SettingGroup {
  readonly title: Translated;
  readonly settings: Readonly<Record<string, SettingDescription>>;
}
