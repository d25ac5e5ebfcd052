/** The whole of Zhenren on this machine: PostgreSQL, simulator, functions, gateway, timers. */
import { chmodSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { routes } from "../shared/contract/routes.ts";
import { migrate } from "../shared/store/migrate.ts";
import { readBundle } from "../tools/build/serverless-yml.ts";
import { text, verbatim } from "../tools/language/index.ts";
import { resetClock } from "./clock.ts";
import { type Functions, startFunctions } from "./functions/functions.ts";
import type { HttpTrigger } from "./gateway/function-events.ts";
import { type Gateway, startGateway } from "./gateway/gateway.ts";
import { localPages } from "./gateway/local-pages.ts";
import { isTaken, takenPort } from "./ports.ts";
import { type Postgres, startPostgres } from "./postgres.ts";
import { startReaper } from "./reaper.ts";
import { loadSecrets, makeTokens, type Tokens } from "./secrets.ts";
import { localSettings, type Settings, settingsIn } from "./settings.ts";
import { startSimulator } from "./simulator-process.ts";
import { StackFile } from "./stack-file.ts";
import { startTimers } from "./timers.ts";

/** How a stack is started. */
export interface StackOptions {
  /** Where all data goes; created when missing. */
  readonly localDir: string;
  /** Of the gateway; 0: any free one. Default 3000. */
  readonly port?: number;
  /** Default 3100; 0: any free one. */
  readonly simulatorPort?: number;
  /** Of PostgreSQL; default 0: any free one. */
  readonly databasePort?: number;
  /** A database with the newest schema on a server that runs already. Without it the stack has a server of its own. */
  readonly databaseUrl?: string;
  /** Overrides of the local settings; `HTTP_TRIGGER` and `SIM_…` are taken from here too. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Bundles that are built already, used as they are. Without it they are built into `<localDir>/dist`. */
  readonly distDir?: string;
  /** Whether timers run on their cron (default) or only when they are asked for. */
  readonly timers?: boolean;
  /** Whether one instance of each function starts at once (default), so that one that does not load is noticed. */
  readonly warm?: boolean;
  /** Whether data outlives a crash of the machine (default). Without it writing is faster. */
  readonly fsync?: boolean;
  /** Whether the folder is removed when the stack ends, in whatever way. Default: it stays. */
  readonly temporary?: boolean;
  /** Sets the simulated clock back to the present. */
  readonly resetClock?: boolean;
  /** Prints one line about each step, and warnings of the functions. Default: they go nowhere. */
  readonly print?: (line: string) => void;
}

/** A stack of which everything answers. */
export interface Stack {
  readonly url: string;
  readonly simulatorUrl: string;
  readonly databaseUrl: string;
  /** Absolute. */
  readonly localDir: string;
  /** What the functions run with. */
  readonly settings: Settings;
  readonly tokens: Tokens;
  readonly functions: Functions;
  /** Takes the database away and brings it back, to see what happens without; for a server of the stack's own. */
  readonly database: Pick<Postgres, "stop" | "start">;
  /** Ends all of it; the data stays. Safe to call twice. */
  stop(): Promise<void>;
}

function triggerOf(value: string | undefined): HttpTrigger {
  if (value === undefined || value === "" || value === "http") return "http";
  if (value === "apigw") return "apigw";
  throw new Error(
    text(
      `HTTP_TRIGGER is ${JSON.stringify(value)}; it is http (function URLs, the default) or apigw.`,
      `HTTP_TRIGGER 是 ${JSON.stringify(value)}；只能是 http（函数 URL，默认）或 apigw。`,
    ),
  );
}

async function takeGatewayPort(port: number): Promise<Gateway> {
  return startGateway(port).catch((error: unknown) => {
    throw isTaken(error) ? takenPort(port, verbatim("Zhenren"), "PORT") : error;
  });
}

/** The steps that end what was started, in the order of starting. */
type StopSteps = (() => unknown)[];

/** Starts a stack. Throws a sentence for people when it cannot, with nothing left running. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const trigger = triggerOf(options.env?.["HTTP_TRIGGER"]);
  if (mkdirSync(options.localDir, { recursive: true })) {
    chmodSync(options.localDir, 0o711); // PostgreSQL may run as another user
  }
  const localDir = realpathSync(options.localDir); // processes are found by it, so it has one spelling
  const file = StackFile.claim(localDir);
  const steps: StopSteps = [() => file.release()];
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= (async () => {
      for (const step of steps.toReversed()) await step();
    })();
    return stopped;
  };
  try {
    const reaper = await startReaper(localDir, options);
    steps.push(() => reaper.reap());
    const parts = await startParts({ ...options, localDir }, trigger, file, steps);
    return { ...parts, localDir, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function expectAnswer(url: string): Promise<void> {
  const response = await fetch(url).catch(() => undefined);
  if (!response?.ok) throw new Error(`${url} does not answer.`);
}

/** Waits for all, also when one fails: none may still be starting something when the rest is ended. */
async function settled<Parts extends readonly Promise<unknown>[]>(parts: [...Parts]) {
  await Promise.allSettled(parts);
  return Promise.all(parts);
}

async function startParts(
  options: StackOptions,
  trigger: HttpTrigger,
  file: StackFile,
  steps: StopSteps,
): Promise<Omit<Stack, "localDir" | "stop">> {
  const { localDir, env = {}, print = () => {} } = options;
  const bundle = readBundle();
  const secrets = loadSecrets(localDir);
  const gateway = await takeGatewayPort(options.port ?? 3000);
  steps.push(() => gateway.close());
  const url = `http://127.0.0.1:${gateway.port}`;
  const distDir = options.distDir ?? join(localDir, "dist");

  print(
    text(
      "Starting PostgreSQL and the simulator, building the functions.",
      "正在启动 PostgreSQL 和模拟器，打包函数。",
    ),
  );
  const [database, simulatorUrl] = await settled([
    startDatabase(localDir, secrets.databasePassword, options),
    startSimulator({ localDir, port: options.simulatorPort ?? 3100, pushUrl: `${url}/wechat/push`, env }),
    options.distDir === undefined ? buildFunctions(distDir) : Promise.resolve(),
  ]);
  if (options.resetClock) await resetClock(simulatorUrl);

  const databaseUrl = database.url;
  print(text("Starting the functions.", "正在启动函数。"));
  const settings: Settings = {
    ...localSettings({ url, databaseUrl, localDir }, secrets),
    ...settingsIn(bundle, env),
  };
  const extra = { SIMULATOR_URL: simulatorUrl };
  file.update({ url, simulatorUrl, distDir, settings });
  const functions = await startFunctions({ bundle, distDir, localDir, settings, extra, print });
  steps.push(() => functions.stop());
  if (options.warm !== false) await functions.warm();

  const tokens = await makeTokens(settings["AUTH_SECRET"] ?? secrets.authSecret, functions.now());
  writeFileSync(join(localDir, "tokens.json"), JSON.stringify(tokens, undefined, 2), { mode: 0o600 });
  gateway.open({
    routes: Object.values(routes),
    functions,
    trigger,
    localPages: localPages({
      functions,
      simulatorUrl,
      tokens,
      webhookSecret: settings["WEBHOOK_SECRET"],
    }),
  });
  if (options.timers !== false) steps.push(startTimers(functions, { print }));
  await expectAnswer(`${url}/_local/functions`);
  await expectAnswer(`${simulatorUrl}/_sim/health`);
  return { url, simulatorUrl, databaseUrl, settings, tokens, functions, database };
}

async function buildFunctions(distDir: string): Promise<void> {
  const { buildUnlessKept } = await import("../tools/build/build.ts"); // loads esbuild and what draws fonts
  await buildUnlessKept(distDir);
}

async function startDatabase(
  localDir: string,
  password: string,
  { databaseUrl: url, databasePort: port = 0, fsync = true }: StackOptions,
): Promise<Postgres> {
  const notOurs = () => Promise.reject(new Error("The database server is not this stack's own."));
  if (url !== undefined) return { url, stop: notOurs, start: notOurs };
  const server = await startPostgres({ localDir, password, port, fsync });
  await migrate(server.url);
  return server;
}
