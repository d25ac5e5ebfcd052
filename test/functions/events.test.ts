import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import * as z from "zod";
import { channelModules } from "../../shared/channels/registry.ts";
import { backlog } from "../../shared/contract/console.ts";
import { routes } from "../../shared/contract/routes.ts";
import { tokenResponse } from "../../shared/contract/token.ts";
import { verification } from "../../shared/contract/verification.ts";
import { readBundle } from "../../tools/build/serverless-yml.ts";
import { stackForTests } from "../support/stack.ts";

const AUTH_SECRET = "sample-events-only-0123456789abcdef"; // events/README.md
const stack = stackForTests({ AUTH_SECRET });
const folder = join(import.meta.dirname, "../../events");
const { functions } = readBundle();
const names = Object.keys(functions);
const http = names.filter((name) => functions[name]?.http);
const timers = names.filter((name) => (functions[name]?.timers.length ?? 0) > 0);
const shapes = ["http", "apigw"] as const;

const functionAnswer = z.strictObject({
  isBase64Encoded: z.boolean(),
  statusCode: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});

const text = (file: string) => readFileSync(join(folder, file), "utf8");

async function run(name: string, event: string): Promise<unknown> {
  const outcome = await stack.running.functions.invoke(name, JSON.parse(event));
  if (!outcome.ok) throw new Error(`${name}: ${outcome.message}`);
  return JSON.parse(outcome.json);
}

const issuing = ({ statusCode, body }: z.infer<typeof functionAnswer>) => {
  expect(statusCode).toBe(201);
  return tokenResponse.parse(JSON.parse(body)).channel;
};
/** What the sample of each function leads to. */
const expected: Readonly<Record<string, (answer: z.infer<typeof functionAnswer>) => void>> = {
  login: ({ statusCode, body }) => {
    expect(statusCode).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ expiresIn: 7_200 });
  },
  ...Object.fromEntries(
    channelModules.map(({ name, route }) => [
      routes[route].function,
      (answer: z.infer<typeof functionAnswer>) => expect(issuing(answer)).toBe(name),
    ]),
  ),
  "wechat-push": ({ statusCode, body }) => {
    expect(statusCode).toBe(403); // of long ago, and not signed
    expect(JSON.parse(body)).toMatchObject({ code: "forbidden" });
  },
  verification: ({ statusCode, body }) => {
    expect(statusCode).toBe(404);
    expect(JSON.parse(body)).toMatchObject({ code: "not_found" });
  },
  console: ({ statusCode, body }) => {
    expect(statusCode).toBe(200);
    expect(backlog.parse(JSON.parse(body)).unarchived).toBe(0);
  },
  "h5-landing": ({ statusCode, headers }) => {
    expect(statusCode).toBe(404);
    expect(headers["content-type"]).toMatch(/^text\/html/);
  },
};

test("every function of serverless.yml has its samples, and there are no others", () => {
  const wanted = [
    ...http.flatMap((name) => shapes.map((shape) => `${name}.${shape}.json`)),
    ...timers.map((name) => `${name}.timer.json`),
  ];
  expect(
    readdirSync(folder)
      .filter((file) => file.endsWith(".json"))
      .sort(),
  ).toEqual(wanted.sort());
  expect(Object.keys(expected).sort()).toEqual(http.sort());
});

test.each(http.flatMap((name) => shapes.map((shape) => [name, shape] as const)))(
  "%s answers its sample event of %s with all four fields",
  async (name, shape) => {
    const answer = functionAnswer.parse(await run(name, text(`${name}.${shape}.json`)));
    expect(answer.headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
    expected[name]?.(answer);
  },
);

test.each(shapes)("the sample of %s reads a verification that does exist", async (shape) => {
  const issued = functionAnswer.parse(await run("token-h5", text(`token-h5.${shape}.json`)));
  const { verificationId } = tokenResponse.parse(JSON.parse(issued.body));
  const event = text(`verification.${shape}.json`).replaceAll(/ver_[0-9a-f-]{36}/g, verificationId);
  const { statusCode, body } = functionAnswer.parse(await run("verification", event));
  expect(statusCode).toBe(200);
  expect(verification.parse(JSON.parse(body))).toMatchObject({ verificationId, status: "pending" });
});

test.each(shapes)(
  "a person whose address has a key without a value gets the page, behind %s",
  async (shape) => {
    const event: unknown = JSON.parse(text(`h5-landing.${shape}.json`));
    for (const queryString of [{ BizToken: "b", debug: true }, "BizToken=b&debug", "", null]) {
      const odd = { ...Object(event), queryString, isBase64Encoded: "false" };
      const answer = functionAnswer.parse(await run("h5-landing", JSON.stringify(odd)));
      expect([answer.statusCode, answer.headers["content-type"]]).toEqual([404, "text/html; charset=utf-8"]);
    }
  },
);

test.each(timers)("%s runs on its sample event and counts what it did", async (name) => {
  const counts = z.record(z.string(), z.int()).parse(await run(name, text(`${name}.timer.json`)));
  expect(Object.keys(counts).length).toBeGreaterThan(0);
});

test.each(names)("%s refuses an event of another kind, and stays alive", async (name) => {
  const timer = timers.includes(name);
  const other = text(timer ? "login.http.json" : "reconcile.timer.json");
  for (const event of [other, "null", "[]", '"text"', '{"httpMethod":7,"path":[]}', "{}"]) {
    const answer = await run(name, event).catch((error: unknown) => String(error));
    if (timer) expect(answer).toMatch(/answers timer events only/);
    else expect(functionAnswer.parse(answer).statusCode).toBe(400);
  }
  const own = timer ? `${name}.timer.json` : `${name}.http.json`;
  await run(name, text(own));
});

test("npm run invoke runs a sample against the stack, with the secret that README names", async () => {
  const root = join(import.meta.dirname, "../..");
  const args = [
    "tools/cli/invoke.ts",
    "token-h5",
    "events/token-h5.http.json",
    "--env",
    `AUTH_SECRET=${AUTH_SECRET}`,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", ...args], {
    cwd: root,
    env: { PATH: process.env["PATH"], LOCAL_DIR: stack.localDir },
  });
  expect(functionAnswer.parse(JSON.parse(stdout)).statusCode).toBe(201);
  expect(text("README.md")).toContain(`--env AUTH_SECRET=${AUTH_SECRET}`);
});
