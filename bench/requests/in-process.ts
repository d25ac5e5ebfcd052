/** Deployed bundles in this process: what a request costs without gateway and without another process. */
import { createRequire } from "node:module";
import { join } from "node:path";
import * as z from "zod";
import type { World } from "../world.ts";

type Handler = (event: object, context: object) => Promise<unknown>;

const bundle = z.object({ main_handler: z.custom<Handler>((value) => typeof value === "function") });
const answerSchema = z.object({ statusCode: z.int(), body: z.string() });

/** One request to a function. */
export interface Sent {
  readonly bearer: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request to a function; answers its body. Throws if it is refused. */
export type Send = (name: string, path: string, sent: Sent) => Promise<unknown>;

/**
 * Loads these functions anew, each an instance of its own. They read the environment at their first event, so that must come
 * before others are loaded with another `env`.
 */
export function loadFunctions(
  world: World,
  names: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Send {
  const require = createRequire(import.meta.url);
  const handlers = new Map(
    names.map((name) => {
      Object.assign(process.env, world.environment(name), env);
      const file = join(world.distDir, name, "index.js");
      delete require.cache[file];
      return [name, bundle.parse(require(file)).main_handler];
    }),
  );
  return async (name, path, { bearer, body = {}, headers = {} }) => {
    const event = {
      httpMethod: "POST",
      path,
      queryString: {},
      headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    };
    const context = { request_id: "bench", getRemainingTimeInMillis: () => 20_000 };
    const answer = answerSchema.parse(await handlers.get(name)?.(event, context));
    if (answer.statusCode >= 300) throw new Error(`${name}: ${answer.statusCode} ${answer.body}`);
    return JSON.parse(answer.body);
  };
}
