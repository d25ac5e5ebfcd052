/** The fields of a flat message, as both readers collect them. */
import { PushRefused } from "./push-refused.ts";

/** What a message says: strings, and numbers where JSON had numbers. It has no prototype. */
export type PushFields = Readonly<Record<string, string | number>>;

/** Collects fields; a name twice, or one that no vendor's field has (such as `__proto__`), is refused. */
export class FieldCollector {
  readonly #fields: Record<string, string | number> = Object.create(null);
  readonly #names = new Set<string>();

  /** Takes a field; `undefined` for a value that is neither text nor number, and counts as not there. */
  add(name: string, value: string | number | undefined): void {
    if (!/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/.test(name) || this.#names.has(name)) throw new PushRefused("body");
    this.#names.add(name);
    if (value !== undefined) this.#fields[name] = value;
  }

  get fields(): PushFields {
    return this.#fields;
  }
}
