/** What functions write: all of it into one file a function, and what deserves a look also to the terminal. */
import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

/** pino's number for `warn`. */
const warn = 40;

const line = z.object({ level: z.number(), msg: z.string().default(""), requestId: z.string().optional() });

/** One line of the terminal for a line of the log that is a warning or worse; `undefined` for anything else. */
export function terminalLine(name: string, text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // not written by the logger: the file has it
  }
  const parsed = line.safeParse(value);
  if (!parsed.success || parsed.data.level < warn) return undefined;
  const { level, msg, requestId } = parsed.data;
  return `${level >= 50 ? "error" : "warn"} ${name}: ${msg}${requestId ? ` (request ${requestId})` : ""}`;
}

/** Returns what takes the output of the instances, chunk by chunk, and writes to `<folder>/<function>.log`. */
export function functionLog(
  folder: string,
  say: (line: string) => void,
): (name: string, text: string) => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const unfinished = new Map<string, string>();
  return (name, text) => {
    appendFileSync(join(folder, `${name}.log`), text, { mode: 0o600 });
    const lines = ((unfinished.get(name) ?? "") + text).split("\n");
    unfinished.set(name, lines.pop() ?? "");
    for (const complete of lines) {
      const shown = terminalLine(name, complete);
      if (shown) say(shown);
    }
  };
}
