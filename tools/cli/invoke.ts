/** `npx zhenren invoke`: runs one function once, in an instance of its own, with what the running local stack has. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clockOffset } from "../../local/clock.ts";
import { buildInstanceProcess, environmentOf } from "../../local/functions/functions.ts";
import { EXITED, Instance, type InvocationResult } from "../../local/functions/instance.ts";
import { runningStack } from "../../local/running.ts";
import { type FunctionEntry, readBundle } from "../build/serverless-yml.ts";
import { type Text, text } from "../language/index.ts";
import { defineCommand, printError, printJson, UsageError } from "./command.ts";

interface Invocation {
  readonly entry: FunctionEntry;
  readonly event: unknown;
  /** Added to the environment of the function. */
  readonly extra: Readonly<Record<string, string>>;
}

function readEvent(file: string): unknown {
  let content: string;
  try {
    content = readFileSync(file, "utf8");
  } catch {
    throw new Error(text(`The event file ${file} cannot be read.`, `无法读取事件文件 ${file}。`));
  }
  try {
    return JSON.parse(content);
  } catch {
    throw new Error(text(`The event file ${file} is not JSON.`, `事件文件 ${file} 不是 JSON。`));
  }
}

function readInvocation(name: string, file: string, pairs: readonly string[]): Invocation {
  const { functions } = readBundle();
  const entry = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (!entry) {
    const names = Object.keys(functions);
    throw new Error(
      text(
        `serverless.yml lists no function ${name}. It lists: ${names.join(", ")}.`,
        `serverless.yml 中没有函数 ${name}。其中有：${names.join("、")}。`,
      ),
    );
  }
  const extra = pairs.map((pair): [string, string] => {
    const [, key, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(pair) ?? [];
    if (key === undefined || value === undefined) {
      throw new UsageError(text("--env takes KEY=VALUE.", "--env 的值写成 KEY=VALUE。"));
    }
    return [key, value];
  });
  return { entry, event: readEvent(file), extra: Object.fromEntries(extra) };
}

/** Starts an instance, lets it answer one event, ends it. Returns also the milliseconds of loading and of handling. */
async function runOnce(
  invocation: Invocation,
  localDir: string,
): Promise<{ outcome: InvocationResult; timing: Text }> {
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
    const given = loaded.ok ? await instance.invoke(event, randomUUID()) : loaded;
    const outcome = given === "not taken" ? EXITED : given;
    const loadMs = Math.round(readyAtMs - startedAtMs);
    const answerMs = Math.round(performance.now() - readyAtMs);
    return {
      outcome,
      timing: text(
        `${name}: loaded in ${loadMs} ms, answered in ${answerMs} ms`,
        `${name}：加载 ${loadMs} ms，回答 ${answerMs} ms`,
      ),
    };
  } finally {
    instance.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

const command = defineCommand({
  name: "invoke",
  summary: text("Runs one function once, in an instance of its own.", "在单独的实例中运行一个函数一次。"),
  details: text(
    `It has the database and the simulator of the stack that runs on LOCAL_DIR (.local). The answer goes to stdout as JSON, logs
and times to stderr.`,
    `使用在 LOCAL_DIR（.local）上运行的本机环境的数据库和模拟器。回答以 JSON 写到标准输出，日志和用时写到标准错误。`,
  ),
  operands: [text("<function>", "<函数>"), text("<event file>", "<事件文件>")],
  options: {
    env: {
      type: "string",
      multiple: true,
      value: "KEY=VALUE",
      help: text(
        "added to the environment of the function; may be given more than once",
        "加到函数的环境变量中；可以多次给出",
      ),
    },
  },
  examples: [
    [
      "reconcile events/reconcile.timer.json",
      text("one run of the timer function reconcile", "运行一次定时函数 reconcile"),
    ],
  ],
  exitCodes: [
    text("the function answered", "函数已回答"),
    text("it failed, or no stack runs", "函数失败，或没有正在运行的本机环境"),
  ],
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
