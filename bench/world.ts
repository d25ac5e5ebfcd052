/** The stack that the benches measure against: real PostgreSQL and simulator, with the limits of money and rate lifted. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { environmentOf } from "../local/functions/functions.ts";
import { type Stack, startStack } from "../local/stack.ts";
import { readBundle } from "../tools/build/serverless-yml.ts";

/** A running stack and how to use it. */
export interface World {
  readonly stack: Stack;
  /** Where `<function>/index.js` are. */
  readonly distDir: string;
  /** The environment of a function, as the stack gives it. */
  environment(name: string): Record<string, string>;
  /** Posts JSON to the simulator's controls. */
  simulate(path: string, body: unknown): Promise<unknown>;
  /** Issues a token through the gateway as a backend; returns `verificationId` and `start`. */
  issue(channel: string, body?: object): Promise<{ verificationId: string; start: Record<string, string> }>;
  stop(): Promise<void>;
}

/** What a world may differ in. */
interface WorldOptions {
  readonly isWarm?: boolean;
  /** Settings of the functions. */
  readonly env?: Readonly<Record<string, string>>;
}

const issued = z.object({ verificationId: z.string(), start: z.record(z.string(), z.string()) });

/** Starts it on free ports in a folder of its own. `isWarm` false: no function has an instance before its first event. */
export async function startWorld({ isWarm = true, env: more = {} }: WorldOptions = {}): Promise<World> {
  const localDir = mkdtempSync(join(tmpdir(), "zhenren-bench-"));
  const env = { LIMIT_PER_OWNER: "999999/1m", LIMIT_PER_PERSON: "999999/1m", ...more };
  const stack = await startStack({
    localDir,
    port: 0,
    simulatorPort: 0,
    env,
    timers: false,
    warm: isWarm,
  });
  const post = async (url: string, body: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
    return response.json() as Promise<unknown>;
  };
  const simulate = (path: string, body: unknown) => post(`${stack.simulatorUrl}${path}`, body);
  await simulate("/_sim/limits", { DetectAuth: null, GetDetectInfoEnhanced: null });
  const bearer = { authorization: `Bearer ${stack.tokens.backend}` };
  const { functions } = readBundle();
  return {
    stack,
    distDir: join(localDir, "dist"),
    environment: (name) => {
      const entry = functions[name];
      if (!entry) throw new Error(`no function ${name}`);
      return environmentOf(entry, {
        settings: stack.settings,
        extra: { SIMULATOR_URL: stack.simulatorUrl, LOG_LEVEL: "silent" },
      });
    },
    simulate,
    issue: async (channel, body = {}) =>
      issued.parse(await post(`${stack.url}/tokens/${channel}`, body, bearer)),
    stop: async () => {
      await stack.stop();
      rmSync(localDir, { recursive: true, force: true });
    },
  };
}
