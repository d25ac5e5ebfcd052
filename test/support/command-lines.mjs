/** Runs command lines one after the other in this process and prints how each ended, as JSON: see `runCommands`. */
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";

class Exit extends Error {}

/** @type {(code?: number) => never} */
const exit = (code) => {
  process.exitCode = code ?? process.exitCode;
  throw new Exit();
};

/** Loads a command anew with these arguments; the modules that it shares with others stay loaded. */
async function run([script, ...args], number, input) {
  const printed = { out: "", err: "" };
  const keep = (name) => (chunk) => {
    printed[name] += String(chunk);
    return true;
  };
  process.argv = [process.execPath, script, ...args];
  process.exitCode = undefined;
  Object.assign(process, { exit });
  Object.defineProperty(process, "stdin", { value: Readable.from([input]), configurable: true });
  Object.assign(process.stdout, { write: keep("out") });
  Object.assign(process.stderr, { write: keep("err") });
  try {
    await import(`${pathToFileURL(script)}?${number}`);
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
  }
  return { code: process.exitCode ?? 0, ...printed };
}

const [lines = "[]", inputs = "[]"] = process.argv.slice(2);
const { write } = process.stdout;
const stdins = JSON.parse(inputs);
const ends = [];
for (const [number, line] of JSON.parse(lines).entries())
  ends.push(await run(line, number, stdins[number] ?? ""));
process.exitCode = 0;
write.call(process.stdout, JSON.stringify(ends));
