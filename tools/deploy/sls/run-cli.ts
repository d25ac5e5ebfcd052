/** Runs the pinned CLI once, in a folder of its own, and prints its output without secrets. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { diagnose } from "../../diagnose/index.ts";
import { type Text, text } from "../../language/index.ts";
import { type Environment, isSecret } from "../deployment.ts";
import type { RenderedFile } from "./files.ts";

/** What is run. */
export interface CliOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly files: readonly RenderedFile[];
  /** The variables that the files name, and the deployer's key. */
  readonly env: Environment;
  readonly timeoutMs: number;
  /** Called with each new line, except for the results. */
  readonly onLine: (line: string) => void;
}

/** How it ended. `output` is all of both streams, without secrets. */
export interface CliResult {
  /** `undefined` after a timeout. */
  readonly exitCode: number | undefined;
  readonly output: string;
}

/** Below the home folder (components 3.18.2, commands-cn/utils.js). */
const CLIENT_ID_FILE = ".serverless/tencent/client_uid-credentials";

/** Writes files into a folder. */
export function writeFiles(folder: string, files: readonly RenderedFile[]): void {
  for (const { path, content } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** Runs it. */
export async function runCli(options: CliOptions): Promise<CliResult> {
  const folder = mkdtempSync(join(tmpdir(), "zhenren-sls-"));
  const work = join(folder, "work");
  try {
    writeFiles(work, options.files);
    // Empty, and the nearest: otherwise the CLI looks for one in the folders above.
    writeFileSync(join(work, ".env"), "");
    // Without a client id the CLI makes one, registers it at a host that may be gone, and waits for that.
    writeFiles(folder, [{ path: CLIENT_ID_FILE, content: `[client_uid]\nvalue=${randomUUID()}\n` }]);
    return await spawnCli(options, work, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function spawnCli(
  { program, args, env, timeoutMs, onLine }: CliOptions,
  cwd: string,
  home: string,
): Promise<CliResult> {
  const redact = redactor(env);
  const lines: string[] = [];
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    env: cliEnvironment(env, home),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const addLine = (line: string) => {
    const shown = redact(line);
    lines.push(shown);
    if (!RESULT_LINE.test(shown)) onLine(shown);
  };
  const splitters = [child.stdout, child.stderr].map((stream) => {
    const splitter = lineSplitter(addLine);
    stream.setEncoding("utf8").on("data", splitter.chunk); // a Chinese character may arrive in two chunks
    return splitter;
  });
  return new Promise((resolve, reject) => {
    let isTimeout = false;
    const timer = setTimeout(() => {
      isTimeout = true;
      child.kill("SIGKILL");
    }, timeoutMs);
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(timer);
      for (const splitter of splitters) splitter.end();
      resolve({ exitCode: isTimeout ? undefined : (code ?? 1), output: lines.join("\n") });
    });
  });
}

/**
 * `SERVERLESS_PLATFORM_VENDOR` and `SLS_GEO_LOCATION` choose Tencent's commands. The home folder is empty, so that no saved
 * profile is mixed with this key and none is written. An empty variable would be sent as an empty token.
 */
function cliEnvironment(env: Environment, home: string): NodeJS.ProcessEnv {
  return {
    ...Object.fromEntries(Object.entries(env).filter(([, value]) => value)),
    SERVERLESS_PLATFORM_VENDOR: "tencent",
    SLS_GEO_LOCATION: "cn",
    SLS_TELEMETRY_DISABLED: "1",
    // At its end the CLI reports to a host that may be gone, and waits for it; this address refuses at once.
    SLS_ANALYTICS_URL: "http://127.0.0.1:9",
    NODE_NO_WARNINGS: "1", // old dependencies warn on every run
    HOME: home,
    USERPROFILE: home,
  };
}

/** Splits the chunks of one stream into lines, without control sequences and without lines that only repeat the last one. */
function lineSplitter(onLine: (line: string) => void) {
  let rest = "";
  let last = "";
  const line = (text: string) => {
    const plain = text.replaceAll(CONTROL_SEQUENCES, "").trimEnd();
    const content = plain.replace(/^\d+s › /, "").replace(/[ .]+$/, "");
    if (content === "" || content === last) return;
    last = content;
    onLine(plain);
  };
  return {
    chunk: (text: string) => {
      const parts = (rest + text).split(/\r?\n|\r/);
      rest = parts.pop() ?? "";
      for (const part of parts) line(part);
    },
    end: () => line(rest),
  };
}

/** ECMA-48 sequences: colours, cursor movements; without a terminal the CLI moves by `NaN` lines. */
const CONTROL_SEQUENCES = new RegExp(`${String.fromCharCode(27)}\\[(NaN|[0-9;?]*)[A-Za-z]`, "g");

/** A line of the results, of which the CLI prints a hundred at its end. */
const RESULT_LINE = /^(\s|-|[\w-]+:(\s|$))/;

/** Hides the values of secret settings, in case the CLI repeats one. */
function redactor(env: Environment): (text: string) => string {
  const secrets = Object.entries(env)
    .flatMap(([name, value]) => (isSecret(name) && value && value.length > 3 ? [value] : []))
    .toSorted((one, other) => other.length - one.length);
  return (text) => secrets.reduce((clean, secret) => clean.replaceAll(secret, "***"), text);
}

/** Which words of success are expected: those for one instance, or for as many as a folder holds. */
export type ExpectedInstances = "one" | number;

/**
 * Why the CLI did not deploy, with what to do; `undefined` if it did. The exit code alone proves nothing: it is 0 too when
 * there was no login and nothing was done.
 */
export function cliFailure({ exitCode, output }: CliResult, instances: ExpectedInstances): Text | undefined {
  if (exitCode === undefined) {
    return text(
      "The serverless CLI did not end in time and was stopped; run the same command again, or use --direct.",
      "serverless CLI 没有按时结束，已被停止；请再次运行同一命令，或使用 --direct。",
    );
  }
  if (exitCode === 0 && output.includes(successWords(instances))) return undefined;
  const known = diagnose("serverless-cli", output);
  if (known)
    return text(
      `The serverless CLI failed. ${known.why}. ${known.fix}`,
      `serverless CLI 失败。${known.why}。${known.fix}`,
    );
  return exitCode === 0
    ? text(
        "The serverless CLI ended without an error, and never printed that it deployed; nothing can be relied on. Read its lines above, or use --direct.",
        "serverless CLI 结束时没有报错，却没有说部署成功，因此不能相信它。请看上面它的输出，或使用 --direct。",
      )
    : text(
        `The serverless CLI failed (exit code ${exitCode}). Read its lines above; npx zhenren deploy --direct does the same without it.`,
        `serverless CLI 失败（退出码 ${exitCode}）。请看上面它的输出；npx zhenren deploy --direct 不用它也能完成同样的事。`,
      );
}

/** From components 3.18.2, commands-cn/run.js and runAll.js. */
const successWords = (instances: ExpectedInstances): string =>
  instances === "one" ? "执行成功" : `已成功部署组件${instances}个`;
