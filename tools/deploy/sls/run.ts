/** Runs the pinned CLI once, in a folder of its own, and shows what it says without anything secret in it. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Environment } from "../deployment.ts";
import type { RenderedFile } from "./rendering.ts";

/** What is run. */
export interface CliRun {
  readonly program: string;
  readonly args: readonly string[];
  readonly files: readonly RenderedFile[];
  /** What the files ask for, and the key of whoever deploys. */
  readonly env: Environment;
  /** Milliseconds. */
  readonly giveUpAfterMs: number;
  readonly say: (line: string) => void;
}

/** How it ended. `output` is all that was said, both streams, without secrets; `say` does not hear of results. */
export interface CliEnd {
  /** `undefined` if it was given up. */
  readonly exitCode: number | undefined;
  readonly output: string;
}

/** Below the home folder (components 3.18.2, commands-cn/utils.js). */
const clientFile = ".serverless/tencent/client_uid-credentials";

/** Writes the files of a rendering into a folder. */
export function writeFiles(folder: string, files: readonly RenderedFile[]): void {
  for (const { path, content } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** Runs it. */
export async function runCli(run: CliRun): Promise<CliEnd> {
  const folder = mkdtempSync(join(tmpdir(), "zhenren-sls-"));
  const work = join(folder, "work");
  try {
    writeFiles(work, run.files);
    // Empty, and the nearest: otherwise the CLI goes looking for one in the folders above.
    writeFileSync(join(work, ".env"), "");
    // Without a number of its own the CLI makes one and registers it at a host that may be gone, and waits for that.
    writeFiles(folder, [{ path: clientFile, content: `[client_uid]\nvalue=${randomUUID()}\n` }]);
    return await spawned(run, work, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function spawned(
  { program, args, env, giveUpAfterMs, say }: CliRun,
  cwd: string,
  home: string,
): Promise<CliEnd> {
  const clean = redactor(env);
  const lines: string[] = [];
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    env: environmentFor(env, home),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const hear = (line: string) => {
    const text = clean(line);
    lines.push(text);
    if (!isResult.test(text)) say(text);
  };
  const streams = [child.stdout, child.stderr].map((stream) => {
    const heard = listener(hear);
    stream.setEncoding("utf8").on("data", heard.chunk); // a Chinese character may come in two pieces
    return heard;
  });
  return new Promise((resolve, reject) => {
    let isGivenUp = false;
    const timer = setTimeout(() => {
      isGivenUp = true;
      child.kill("SIGKILL");
    }, giveUpAfterMs);
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(timer);
      for (const heard of streams) heard.end();
      resolve({ exitCode: isGivenUp ? undefined : (code ?? 1), output: lines.join("\n") });
    });
  });
}

/**
 * `SERVERLESS_PLATFORM_VENDOR` and `SLS_GEO_LOCATION` choose Tencent's commands. The home folder is an empty one, so that no
 * saved profile is mixed with this key and none is written. An empty variable would be sent as an empty token.
 */
function environmentFor(env: Environment, home: string): NodeJS.ProcessEnv {
  return {
    ...Object.fromEntries(Object.entries(env).filter(([, value]) => value)),
    SERVERLESS_PLATFORM_VENDOR: "tencent",
    SLS_GEO_LOCATION: "cn",
    SLS_TELEMETRY_DISABLED: "1",
    // The CLI asks for news at its end and waits for as long as a host takes that may be gone; here nobody answers, at once.
    SLS_ANALYTICS_URL: "http://127.0.0.1:9",
    NODE_NO_WARNINGS: "1", // what the CLI is made of is old, and says so on every run
    HOME: home,
    USERPROFILE: home,
  };
}

/** Takes apart what one stream brings in pieces, with the codes that move a cursor, into lines that say something new. */
function listener(hear: (line: string) => void) {
  let rest = "";
  let last = "";
  const line = (text: string) => {
    const plain = text.replaceAll(controls, "").trimEnd();
    const news = plain.replace(/^\d+s › /, "").replace(/[ .]+$/, "");
    if (news === "" || news === last) return;
    last = news;
    hear(plain);
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
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controls = /\u001b\[(NaN|[0-9;?]*)[A-Za-z]/g;

/** Where the CLI ends with a hundred lines of everything that it deployed. */
const isResult = /^(\s|-|[\w-]+:(\s|$))/;

const isSecret = /SECRET|_KEY$|_TOKEN$|DATABASE_URL/;

/** Hides the values of secret settings, should the CLI ever repeat one. */
function redactor(env: Environment): (text: string) => string {
  const secrets = Object.entries(env)
    .flatMap(([name, value]) => (isSecret.test(name) && value && value.length > 3 ? [value] : []))
    .toSorted((one, other) => other.length - one.length);
  return (text) => secrets.reduce((clean, secret) => clean.replaceAll(secret, "***"), text);
}
