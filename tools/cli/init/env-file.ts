/** `.env`: what is missing is added, and what has a value stays. */
import { chmodSync, existsSync, readFileSync, realpathSync, renameSync, writeFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { isPlaceholder } from "../../../shared/config/read.ts";
import { language } from "../../language/index.ts";
import { settingComments } from "../../settings/documents.ts";

/** What was done with each setting. */
export interface EnvFileChange {
  /** The new text of the file. */
  readonly content: string;
  /** Settings that got a value, or an empty line. */
  readonly added: readonly string[];
  /** Settings that had a value already, which counts. */
  readonly kept: readonly string[];
  /** Settings that a person must still fill in. */
  readonly empty: readonly string[];
  /** All values that the file has now. */
  readonly values: Readonly<Record<string, string | undefined>>;
}

/** Adds settings to the text of a file. A setting without a value in `values` becomes an empty line. */
export function addSettings(
  text: string,
  names: readonly string[],
  values: Readonly<Record<string, string | undefined>>,
): EnvFileChange {
  const present = parseEnv(text);
  const comments = settingComments(language);
  const kept = names.filter((name) => present[name]);
  const added = names.filter((name) => present[name] === undefined || (present[name] === "" && values[name]));
  let content = text;
  let lastGroup = "";
  for (const name of added) {
    const line = `${name}=${values[name] ?? ""}`;
    if (present[name] !== undefined) {
      content = content.replace(new RegExp(`^(?:export\\s+)?${name}\\s*=.*$`, "m"), () => line);
      continue;
    }
    const { group = "", comment = "" } = comments.get(name) ?? {};
    const heading = group === lastGroup ? "" : `${content === "" ? "" : "\n"}# --- ${group} ---\n`;
    const newLine = content === "" || content.endsWith("\n") ? "" : "\n";
    content += `${newLine}${heading}${comment}\n${line}\n`;
    lastGroup = group;
  }
  const after = parseEnv(content);
  const empty = names.filter((name) => !after[name] || isPlaceholder(after[name]));
  return { content, added, kept, empty, values: after };
}

/** The text of the file; empty if there is none. */
export const readEnvFile = (file: string): string => (existsSync(file) ? readFileSync(file, "utf8") : "");

/** Writes it whole or not at all, readable by its owner alone. */
export function writeEnvFile(file: string, content: string): void {
  const place = existsSync(file) ? realpathSync(file) : file;
  const next = `${place}.${process.pid}.next`;
  writeFileSync(next, content, { mode: 0o600, flag: "wx" });
  chmodSync(next, 0o600); // whatever the umask adds or takes
  renameSync(next, place);
}
