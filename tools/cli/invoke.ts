/**
 * `npm run invoke -- <function> <event file> [--env KEY=VALUE]…`: runs one function once, in an instance of its own, with the
 * database and the simulator of the stack that runs on LOCAL_DIR. The answer goes to stdout as JSON, the rest to stderr.
 */
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { clockOffset } from "../../local/clock.ts";
import { buildInstanceProcess, environmentOf } from "../../local/functions/functions.ts";
import { Instance, type Outcome } from "../../local/functions/instance.ts";
import { runningStack } from "../../local/running.ts";
import { type FunctionEntry, readBundle } from "../build/serverless-yml.ts";

interface Request {
  readonly entry: FunctionEntry;
  readonly event: unknown;
  /** Added to the environment of the function. */
  readonly extra: Readonly<Record<string, string>>;
}

const usage = "Usage: npm run invoke -- <function> <event file> [--env KEY=VALUE]…";

function readEvent(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw new Error(`The event file ${file} cannot be read.`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`The event file ${file} is not JSON.`);
  }
}

function readRequest(args: string[]): Request {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { env: { type: "string", multiple: true, default: [] } },
  });
  const [name, file, ...more] = positionals;
  if (name === undefined || file === undefined || more.length > 0) throw new Error(usage);
  const { functions } = readBundle();
  const entry = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (!entry) {
    throw new Error(
      `serverless.yml lists no function ${name}. It lists: ${Object.keys(functions).join(", ")}.`,
    );
  }
  const extra = values.env.map((pair): [string, string] => {
    const [, key, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(pair) ?? [];
    if (key === undefined || value === undefined) throw new Error(`--env takes KEY=VALUE. ${usage}`);
    return [key, value];
  });
  return { entry, event: readEvent(file), extra: Object.fromEntries(extra) };
}

/** Starts an instance, lets it answer one event, ends it. Returns also the milliseconds of loading and of handling. */
async function runOnce(request: Request, localDir: string): Promise<{ outcome: Outcome; timing: string }> {
  const { entry, event, extra } = request;
  const stack = runningStack(localDir);
  const folder = mkdtempSync(join(tmpdir(), "zhenren-invoke-"));
  const environment = environmentOf(entry, { settings: stack.settings });
  const { name, memorySize, timeout } = entry;
  const begun = performance.now();
  const instance = new Instance(
    {
      ...{ name, memorySize, timeout, bundleFile: join(stack.distDir, name, "index.js") },
      environment: { ...environment, SIMULATOR_URL: stack.simulatorUrl, ...extra },
    },
    {
      processFile: await buildInstanceProcess(folder),
      clockOffsetMs: clockOffset(localDir),
      onOutput: (_, text) => void process.stderr.write(text),
      onStarted: () => {},
      onEnded: () => {},
    },
    () => {},
  );
  try {
    const loaded = await instance.loaded;
    const ready = performance.now();
    const outcome = loaded.ok ? await instance.invoke(event, randomUUID()) : loaded;
    const milliseconds = [ready - begun, performance.now() - ready].map((value) => Math.round(value));
    return { outcome, timing: `${name}: loaded in ${milliseconds[0]} ms, answered in ${milliseconds[1]} ms` };
  } finally {
    instance.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  const { outcome, timing } = await runOnce(
    readRequest(process.argv.slice(2)),
    process.env["LOCAL_DIR"] || ".local",
  );
  if (outcome.ok) process.stdout.write(`${JSON.stringify(JSON.parse(outcome.json), undefined, 2)}\n`);
  else process.stderr.write(`${outcome.message}\n`);
  process.stderr.write(`${timing}\n`);
  process.exitCode = outcome.ok ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
