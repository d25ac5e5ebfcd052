/** `npm start`: the whole bundle on this machine, until Ctrl-C. */
import * as z from "zod";
import { text } from "../tools/language/index.ts";
import { clockOffset, resetClock } from "./clock.ts";
import { isAlive, npmLaunchers } from "./processes.ts";
import { findRunningStack } from "./running.ts";
import { overridesFrom } from "./settings.ts";
import { startStack } from "./stack.ts";

const LAUNCHER_POLL_MS = 500;

const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback);
const stackSettings = z.object({
  PORT: port(3000),
  SIMULATOR_PORT: port(3100),
  DATABASE_PORT: port(0),
  LOCAL_DIR: z.string().min(1).default(".local"),
});

/** Reads the settings of the stack itself from the environment; an empty one counts as missing. */
function readStackSettings(env: NodeJS.ProcessEnv): z.infer<typeof stackSettings> {
  const parsed = stackSettings.safeParse(
    Object.fromEntries(Object.entries(env).filter(([, value]) => value !== "")),
  );
  if (parsed.success) return parsed.data;
  throw new Error(
    parsed.error.issues
      .map(({ path, message }) =>
        text(`${path.join(".")} is wrong: ${message}.`, `${path.join(".")} 有误：${message}。`),
      )
      .join(" "),
  );
}

function readArguments(args: readonly string[]): { reset: boolean } {
  const unknown = args.find((arg) => arg !== "--reset");
  if (unknown === undefined) return { reset: args.length > 0 };
  throw new Error(
    text(
      `npm start does not know ${unknown}. It takes one argument: npm start -- --reset sets the simulated clock back to now.`,
      `npm start 没有参数 ${unknown}。它只有一个参数：npm start -- --reset 把模拟时钟拨回现在。`,
    ),
  );
}

/** Resolves when the stack has to stop: at a signal, or when npm or what it started this process with has ended. */
function stopRequest(): Promise<void> {
  return new Promise((resolve) => {
    // The listeners stay: a second signal, as from a terminal and from npm, must not cut the orderly end short.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve());
    // npm passes a SIGTERM on to its shell and the shell to nobody, and a SIGKILL cannot be passed on at all.
    const isNpms = ["start", "zhenren", "npx"].includes(process.env["npm_lifecycle_event"] ?? "");
    const launchers = isNpms ? npmLaunchers() : [];
    setInterval(() => launchers.every(isAlive) || resolve(), LAUNCHER_POLL_MS).unref();
  });
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const MS_PER_HOUR = 3_600_000;

/** Says that the clock is not the real one: it stays moved from one start to the next. */
function printMovedClock(localDir: string): void {
  const offsetMs = clockOffset(localDir)();
  if (offsetMs === 0) return;
  const hours = Math.round((offsetMs / MS_PER_HOUR) * 10) / 10;
  const shown = new Date(Date.now() + offsetMs).toISOString().replace(/:\d\d\.\d+Z$/, "Z");
  print(
    text(
      `The simulated clock is ${hours} hours ahead (${shown}). To set it back to now: npm start -- --reset`,
      `模拟时钟快了 ${hours} 小时（${shown}）。拨回现在：npm start -- --reset`,
    ),
  );
}

async function main(): Promise<void> {
  const stopRequested = stopRequest();
  const { reset } = readArguments(process.argv.slice(2));
  const { PORT, SIMULATOR_PORT, DATABASE_PORT, LOCAL_DIR } = readStackSettings(process.env);
  const running = reset ? findRunningStack(LOCAL_DIR) : undefined;
  if (running) {
    await resetClock(running.simulatorUrl);
    return print(
      text(
        `The clock of the stack that runs on ${LOCAL_DIR} is set back to now.`,
        `在 ${LOCAL_DIR} 上运行的本机环境的时钟已拨回现在。`,
      ),
    );
  }
  const { overrides, ignored } = overridesFrom(process.env);
  if (ignored.length > 0) {
    print(
      text(
        `Not taken from your environment, because the stack brings its own: ${ignored.join(", ")}.`,
        `没有使用您环境变量中的这些设置，因为本机环境自带：${ignored.join("、")}。`,
      ),
    );
  }
  const starting = startStack({
    localDir: LOCAL_DIR,
    port: PORT,
    simulatorPort: SIMULATOR_PORT,
    databasePort: DATABASE_PORT,
    env: overrides,
    resetClock: reset,
    print,
  });
  const stack = await Promise.race([starting, stopRequested]);
  if (stack) {
    printMovedClock(stack.localDir);
    print(`USER_TOKEN=${stack.tokens.user}`);
    print(`BACKEND_TOKEN=${stack.tokens.backend}`);
    print(
      text(
        `The simulator: ${stack.simulatorUrl}. Logs: ${stack.localDir}/logs. Ctrl-C stops all of it.`,
        `模拟器：${stack.simulatorUrl}。日志：${stack.localDir}/logs。按 Ctrl-C 全部停止。`,
      ),
    );
    print(`Zhenren is ready: ${stack.url}`); // the same in every language: programs wait for this line
    await stopRequested;
  }
  print(text("Stopping.", "正在停止。"));
  await stack?.stop(); // what is still starting is left to the reaper
}

// The reader of the output may be gone before the end, npm for one: that must not cut the end short.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

try {
  await main();
  process.exit(0);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
