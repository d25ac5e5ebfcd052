/** `npm start`: the whole bundle on this machine, until Ctrl-C. */
import * as z from "zod";
import { isAlive, parentOf } from "./processes.ts";
import { overridesFrom } from "./settings.ts";
import { startStack } from "./stack.ts";

const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback);
const own = z.object({
  PORT: port(3000),
  SIMULATOR_PORT: port(3100),
  DATABASE_PORT: port(0),
  LOCAL_DIR: z.string().min(1).default(".local"),
});

/** Reads what the stack itself is told by the environment; a setting that is empty counts as missing. */
function readOwn(env: Readonly<Record<string, string | undefined>>): z.infer<typeof own> {
  const parsed = own.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== "")));
  if (parsed.success) return parsed.data;
  throw new Error(
    parsed.error.issues.map(({ path, message }) => `${path.join(".")} is wrong: ${message}.`).join(" "),
  );
}

/**
 * Resolves when somebody wants the stack to end: by a signal, or by a SIGTERM to `npm start`, which npm passes on to its
 * shell and the shell to nobody. The shell is the parent of the loader, which is our parent.
 */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    // The listeners stay: a second signal, as from a terminal and from npm, must not cut the orderly end short.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve());
    const shell = process.env["npm_lifecycle_event"] === "start" ? parentOf(process.ppid) : undefined;
    if (shell) setInterval(() => isAlive(shell) || resolve(), 500).unref();
  });
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  let stopping = false;
  const stopped = stopSignal().then(() => {
    stopping = true;
  });
  const { PORT, SIMULATOR_PORT, DATABASE_PORT, LOCAL_DIR } = readOwn(process.env);
  const { overrides, ignored } = overridesFrom(process.env);
  if (ignored.length > 0)
    say(`Not taken from your environment, because the stack brings its own: ${ignored.join(", ")}.`);
  const stack = await startStack({
    localDir: LOCAL_DIR,
    port: PORT,
    simulatorPort: SIMULATOR_PORT,
    databasePort: DATABASE_PORT,
    env: overrides,
    say,
  });
  if (!stopping) {
    say(`USER_TOKEN=${stack.tokens.user}`);
    say(`BACKEND_TOKEN=${stack.tokens.backend}`);
    say(`The simulator: ${stack.simulatorUrl}. Logs: ${stack.localDir}/logs. Ctrl-C stops all of it.`);
    say(`Zhenren is ready: ${stack.url}`);
  }
  await stopped;
  say("Stopping.");
  await stack.stop();
}

// Whoever read the output may be gone before the end, npm for one: that must not cut the end short.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

try {
  await main();
  process.exit(0);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
