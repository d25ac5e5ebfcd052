/** `serverless.yml` against the code: what is deployed is what was written, with the settings it asks for. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import * as z from "zod";
import { matchPath, pathTo, type RouteName, routes } from "../../shared/contract/routes.ts";
import { readBundle } from "../../tools/build/serverless-yml.ts";
import { functionUrlEvent, scfContext } from "../http/events.ts";
import { simulated } from "./sample.ts";

const folder = join(import.meta.dirname, "../../functions");
const folders = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const bundle = readBundle();
const routeNames = Object.keys(routes) as RouteName[]; // the table's own keys

const moduleSchema = z.object({
  settingNames: z.array(z.string()).readonly(),
  main_handler: z.custom<(event: unknown, context: unknown) => Promise<unknown>>(
    (value) => typeof value === "function",
  ),
});
const load = async (name: string) => moduleSchema.parse(await import(join(folder, name, "index.ts")));

beforeAll(() => {
  for (const [name, value] of Object.entries(simulated)) vi.stubEnv(name, value);
});

describe("serverless.yml", () => {
  test("lists every folder under functions, and nothing else", () => {
    expect(Object.keys(bundle.functions).toSorted()).toEqual(folders.toSorted());
  });

  test("has no folder name inside another, because the platform cuts the package by `contains`", () => {
    for (const one of folders) {
      expect(folders.filter((other) => other !== one && other.includes(one))).toEqual([]);
    }
  });

  test("gives timers to the timers and addresses to those with routes", () => {
    const routed = new Set<string>(routeNames.map((name) => routes[name].function));
    for (const { name, http, timers } of Object.values(bundle.functions)) {
      expect(http, name).toBe(routed.has(name));
      expect(timers.length, name).toBe(routed.has(name) ? 0 : 1);
      for (const { enable, cronExpression } of timers) {
        expect(enable).toBe(true);
        expect(cronExpression.split(" ")).toHaveLength(7);
      }
    }
  });
});

describe.each(folders)("%s", (name) => {
  test("is given exactly the settings that it reads, and neither the simulator's nor the key of whoever deploys", async () => {
    const { settingNames } = await load(name);
    const environment = bundle.functions[name]?.environment ?? {};
    // A temporary key cannot be handed to a function: it would expire there.
    const wanted = new Set(
      settingNames.filter((setting) => !["SIMULATOR_URL", "TENCENT_TOKEN"].includes(setting)),
    );
    expect(Object.keys(environment).toSorted()).toEqual([...wanted].toSorted());
    for (const [key, value] of Object.entries(environment)) {
      expect(value).toBe(`\${env:${key.replace(/^TENCENT_SECRET_/, "FUNCTION_SECRET_")}}`);
    }
  });

  test("has an environment that fits the platform's 4 KB with room for long values", () => {
    const keys = Object.keys(bundle.functions[name]?.environment ?? {});
    expect(
      keys.reduce((sum, key) => sum + key.length + 1 + Math.max(64, Object(simulated)[key]?.length ?? 0), 0),
    ).toBeLessThan(4_096);
  });

  test("serves exactly its routes of the table", async () => {
    const { main_handler } = await load(name);
    const served: string[] = [];
    for (const route of routeNames) {
      const event = functionUrlEvent({
        httpMethod: routes[route].method,
        path: pathTo(route, { id: "ver_1", state: "s" }),
        headers: {},
        body: "",
        queryString: {},
      });
      const answer = await main_handler(event, scfContext()).catch(() => undefined);
      const parsed = z.object({ statusCode: z.number(), body: z.string() }).safeParse(answer);
      if (!parsed.success) continue; // a timer
      // Misconfigured or defective would hide what is served; the database is away, so 503 is an answer.
      expect(parsed.data.statusCode, `${route}: ${parsed.data.body}`).not.toBe(500);
      if (![404, 405].includes(parsed.data.statusCode)) served.push(route);
    }
    expect(served).toEqual(routeNames.filter((route) => routes[route].function === name));
  });
});

test("no route of one function can be taken for another's at the same path", () => {
  for (const one of routeNames) {
    const others = routeNames.filter((other) =>
      matchPath(pathTo(one, { id: "x", state: "x" }), routes[other].path),
    );
    expect(new Set(others.map((other) => routes[other].function)).size).toBe(1);
  }
});

test.each([
  ["the merchant's receiver", "WEBHOOK_URL", ["deliver"]],
  ["the providers", "WECHAT_APP_SECRET", ["archive", "reconcile"]],
  ["the evidence store", "ARCHIVE_URL", ["archive", "maintain"]],
])("of the timers, %s can only hold up those that speak to it (THREAT 81)", async (_, setting, speakers) => {
  const timers = folders.filter((name) => (bundle.functions[name]?.timers.length ?? 0) > 0);
  const reading: string[] = [];
  for (const name of timers) if ((await load(name)).settingNames.includes(setting)) reading.push(name);
  expect(reading.toSorted()).toEqual(speakers);
});
