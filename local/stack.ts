/** The whole of Zhenren on this machine: PostgreSQL, simulator, functions, gateway, timers. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { routes } from "../shared/contract/routes.ts";
import { migrate } from "../shared/store/migrate.ts";
import { build } from "../tools/build/build.ts";
import { readBundle } from "../tools/build/serverless-yml.ts";
import { type Functions, startFunctions } from "./functions/functions.ts";
import type { HttpTrigger } from "./gateway/function-events.ts";
import { type Gateway, startGateway } from "./gateway/gateway.ts";
import { localPages } from "./gateway/local-pages.ts";
import { endLeftovers } from "./leftovers.ts";
import { isTaken, takenPort } from "./ports.ts";
import { type Postgres, startPostgres } from "./postgres/postgres.ts";
import { loadSecrets } from "./secrets.ts";
import { localSettings, type Settings, settingsIn } from "./settings.ts";
import { startSimulator } from "./simulator-process.ts";
import { StackFile } from "./stack-file.ts";
import { Teardown } from "./teardown.ts";
import { startTimers } from "./timers.ts";
import { makeTokens, type Tokens } from "./tokens.ts";

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
  /** Overrides of the local settings; `HTTP_TRIGGER` and `SIM_…` are taken from here too. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Bundles that are built already, used as they are. Without it they are built into `<localDir>/dist`. */
  readonly distDir?: string;
  /** Whether timers run on their cron (default) or only when they are asked for. */
  readonly timers?: boolean;
  /** Takes one line about each step, and warnings of the functions. Default: nobody. */
  readonly say?: (line: string) => void;
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
  /** Takes the database away and brings it back, to see what happens without. */
  readonly database: Pick<Postgres, "stop" | "start">;
  /** Ends all of it; the data stays. Safe to call twice. */
  stop(): Promise<void>;
}

function triggerOf(value: string | undefined): HttpTrigger {
  if (value === undefined || value === "" || value === "http") return "http";
  if (value === "apigw") return "apigw";
  throw new Error(
    `HTTP_TRIGGER is ${JSON.stringify(value)}; it is http (function URLs, the default) or apigw.`,
  );
}

async function takeGatewayPort(port: number): Promise<Gateway> {
  return startGateway(port).catch((error: unknown) => {
    throw isTaken(error) ? takenPort(port, "Zhenren", "PORT") : error;
  });
}

/** Starts a stack. Throws a sentence for people when it cannot, with nothing left running. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const trigger = triggerOf(options.env?.["HTTP_TRIGGER"]);
  const localDir = resolve(options.localDir);
  if (mkdirSync(localDir, { recursive: true })) chmodSync(localDir, 0o711); // PostgreSQL may run as another user
  const { file, leftovers } = StackFile.claim(localDir);
  const teardown = new Teardown();
  teardown.add(file, () => file.release());
  // When this process ends without having stopped the stack, at least nothing stays behind that a signal can end.
  const abandon = (): void => file.abandon();
  process.once("exit", abandon);
  teardown.add(abandon, () => process.off("exit", abandon));
  try {
    if (leftovers.length > 0) {
      options.say?.("Ending what an earlier start has left running.");
      await endLeftovers(leftovers);
      file.update({ processes: [] });
    }
    const parts = await startParts({ ...options, localDir }, trigger, file, teardown);
    return { ...parts, localDir, stop: () => teardown.run() };
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

async function expectAnswer(url: string): Promise<void> {
  const response = await fetch(url).catch(() => undefined);
  if (!response?.ok) throw new Error(`${url} does not answer.`);
}

/** Waits for all, also when one fails: only then is everything that was started known to the teardown. */
async function settled<Parts extends readonly Promise<unknown>[]>(parts: [...Parts]) {
  await Promise.allSettled(parts);
  return Promise.all(parts);
}

async function startParts(
  options: StackOptions,
  trigger: HttpTrigger,
  file: StackFile,
  teardown: Teardown,
): Promise<Omit<Stack, "localDir" | "stop">> {
  const { localDir, env = {}, say = () => {} } = options;
  const bundle = readBundle();
  const secrets = loadSecrets(localDir);
  const gateway = teardown.add(await takeGatewayPort(options.port ?? 3000), (open) => open.close());
  const url = `http://127.0.0.1:${gateway.port}`;
  const distDir = options.distDir ?? join(localDir, "dist");
  const onEnded = (pid: number): void => file.remove(pid);

  say("Starting PostgreSQL and the simulator, building the functions.");
  const postgresOptions = {
    localDir,
    password: secrets.databasePassword,
    port: options.databasePort ?? 0,
    onStarted: (pid: number | undefined) => file.add("postgres", pid),
    onEnded,
  };
  const simulatorOptions = {
    localDir,
    port: options.simulatorPort ?? 3100,
    pushUrl: `${url}/wechat/push`,
    env,
    onStarted: (pid: number | undefined) => file.add("simulator", pid),
    onEnded,
  };
  const [database, simulatorUrl] = await settled([
    startPostgres(postgresOptions).then(async (server) => {
      teardown.add(server, () => server.stop());
      await migrate(server.url);
      return server;
    }),
    startSimulator(simulatorOptions).then((twin) => teardown.add(twin, () => twin.stop()).url),
    options.distDir === undefined ? build(distDir) : Promise.resolve(),
  ]);

  const databaseUrl = database.url;
  say("Starting the functions.");
  const settings: Settings = {
    ...localSettings({ url, databaseUrl, localDir }, secrets),
    ...settingsIn(bundle, env),
  };
  const extra = { SIMULATOR_URL: simulatorUrl };
  file.update({ url, simulatorUrl, distDir, settings });
  const functions = await startFunctions({
    bundle,
    distDir,
    localDir,
    settings,
    extra,
    say,
    onStarted: (_, pid) => file.add("instance", pid),
    onEnded: (_, pid) => onEnded(pid),
  });
  teardown.add(functions, () => functions.stop());
  await functions.warm();

  const tokens = await makeTokens(settings["AUTH_SECRET"] ?? secrets.authSecret, functions.now());
  writeFileSync(join(localDir, "tokens.json"), JSON.stringify(tokens, undefined, 2), { mode: 0o600 });
  gateway.open({
    routes: Object.values(routes),
    functions,
    trigger,
    localPages: localPages(functions, simulatorUrl),
  });
  if (options.timers !== false) teardown.add(startTimers(functions, { say }), (end) => end());
  await expectAnswer(`${url}/_local/functions`);
  await expectAnswer(`${simulatorUrl}/_sim/health`);
  return { url, simulatorUrl, databaseUrl, settings, tokens, functions, database };
}
