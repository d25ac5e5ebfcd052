/** `npm run invoke`: runs one function once, in an instance of its own, with what the running local stack has. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clockOffset } from "../../local/clock.ts";
import { buildInstanceProcess, environmentOf } from "../../local/functions/functions.ts";
import { Instance, type InvocationResult } from "../../local/functions/instance.ts";
import { runningStack } from "../../local/running.ts";
import { type FunctionEntry, readBundle } from "../build/serverless-yml.ts";
import { defineCommand, printError, printJson, UsageError } from "./command.ts";

interface Invocation {
  readonly entry: FunctionEntry;
  readonly event: unknown;
  /** Added to the environment of the function. */
  readonly extra: Readonly<Record<string, string>>;
}

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

function readInvocation(name: string, file: string, pairs: readonly string[]): Invocation {
  const { functions } = readBundle();
  const entry = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (!entry) {
    throw new Error(
      `serverless.yml lists no function ${name}. It lists: ${Object.keys(functions).join(", ")}.`,
    );
  }
  const extra = pairs.map((pair): [string, string] => {
    const [, key, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(pair) ?? [];
    if (key === undefined || value === undefined) throw new UsageError("--env takes KEY=VALUE.");
    return [key, value];
  });
  return { entry, event: readEvent(file), extra: Object.fromEntries(extra) };
}

/** Starts an instance, lets it answer one event, ends it. Returns also the milliseconds of loading and of handling. */
async function runOnce(
  invocation: Invocation,
  localDir: string,
): Promise<{ outcome: InvocationResult; timing: string }> {
  const { entry, event, extra } = invocation;
  const stack = runningStack(localDir);
  const folder = mkdtempSync(join(tmpdir(), "zhenren-invoke-"));
  const environment = environmentOf(entry, { settings: stack.settings });
  const { name, memorySize, timeout } = entry;
  const startedAtMs = performance.now();
  const instance = new Instance(
    {
      name,
      memorySize,
      timeout,
      bundleFile: join(stack.distDir, name, "index.js"),
      environment: { ...environment, SIMULATOR_URL: stack.simulatorUrl, ...extra },
    },
    {
      processFile: await buildInstanceProcess(folder),
      clockOffsetMs: clockOffset(localDir),
      onOutput: (_, text) => void process.stderr.write(text),
    },
    () => {},
  );
  try {
    const loaded = await instance.loaded;
    const readyAtMs = performance.now();
    const outcome = loaded.ok ? await instance.invoke(event, randomUUID()) : loaded;
    const loadMs = Math.round(readyAtMs - startedAtMs);
    const answerMs = Math.round(performance.now() - readyAtMs);
    return { outcome, timing: `${name}: loaded in ${loadMs} ms, answered in ${answerMs} ms` };
  } finally {
    instance.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

const command = defineCommand({
  name: "invoke",
  summary: "Runs one function once, in an instance of its own.",
  details: `It has the database and the simulator of the stack that runs on LOCAL_DIR (.local). The answer goes to stdout as JSON, logs
and times to stderr.`,
  operands: ["<function>", "<event file>"],
  options: {
    env: {
      type: "string",
      multiple: true,
      value: "KEY=VALUE",
      help: "added to the environment of the function; may be given more than once",
    },
  },
  examples: [["reconcile events/reconcile.timer.json", "one run of the timer function reconcile"]],
  exitCodes: ["the function answered", "it failed, or no stack runs"],
  run: async ({ env = [] }, [name = "", file = ""]) => {
    const invocation = readInvocation(name, file, env);
    const { outcome, timing } = await runOnce(invocation, process.env["LOCAL_DIR"] || ".local");
    if (outcome.ok) printJson(JSON.parse(outcome.json));
    else printError(outcome.message);
    printError(timing);
    return outcome.ok ? 0 : 1;
  },
});

process.exitCode = await command.run(process.argv.slice(2));
