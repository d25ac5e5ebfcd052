/** How often each kind of request waits for PostgreSQL, counted on the wire between the function and the server. */
import { beforeAll, describe, expect, test, vi } from "vitest";
import * as z from "zod";
import { simulated } from "../config/sample.ts";
import { functionUrlEvent, scfContext } from "../http/events.ts";
import { runningSimulator } from "../simulator/running.ts";
import { bearerToken } from "../support/callers.ts";
import { freshDatabase } from "../support/database.ts";
import { type DatabaseProxy, startDatabaseProxy } from "../support/database-proxy.ts";
import { somebody } from "../support/people.ts";
import { SimulatorControls } from "../support/simulator-controls.ts";
import { freshFunction, type MainHandler } from "./fresh-function.ts";

const answerSchema = z.object({ statusCode: z.number(), body: z.string() });
const issuedSchema = z.object({ verificationId: z.string(), start: z.record(z.string(), z.string()) });

let proxy: DatabaseProxy;
let simulator: SimulatorControls;
let databaseUrl = "";
let bearer = "";
let handlers: Record<"tokens" | "verification" | "landing" | "h5", MainHandler>;

beforeAll(async () => {
  databaseUrl = await freshDatabase();
  proxy = await startDatabaseProxy(databaseUrl);
  const { origin } = await runningSimulator();
  simulator = new SimulatorControls(origin);
  const env = {
    ...simulated,
    DATABASE_URL: proxy.url,
    SIMULATOR_URL: origin,
    AUTH_JWKS_URL: "",
    TENCENT_TOKEN: "",
  };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  vi.stubEnv("LOG_LEVEL", "silent");
  bearer = await bearerToken(env.AUTH_SECRET ?? "", { sub: "mei", scope: "user" });
  handlers = {
    tokens: await freshFunction("token-mini-program"),
    h5: await freshFunction("token-h5"),
    verification: await freshFunction("verification"),
    landing: await freshFunction("h5-landing"),
  };
  // The first query of each instance opens its connection.
  for (const name of ["tokens", "h5"] as const) await ask(name, "POST", `/tokens/${pathOf[name]}`);
  await ask("verification", "GET", "/verifications/ver_01990000-0000-7000-8000-000000000001");
  await ask("landing", "GET", "/h5/landing/none");
  return () => proxy.close();
});

const pathOf = { tokens: "mini-program", h5: "h5" } as const;

/** Sends a request to a warm instance; answers with the round trips it took. */
async function ask(
  name: keyof typeof handlers,
  httpMethod: string,
  path: string,
  body: unknown = {},
  headers: Record<string, string> = {},
) {
  const before = proxy.roundTrips;
  const event = functionUrlEvent({
    httpMethod,
    path,
    body: httpMethod === "GET" ? "" : JSON.stringify(body),
    queryString: {},
    headers: { "content-type": "application/json", authorization: `Bearer ${bearer}`, ...headers },
  });
  const answer = answerSchema.parse(await handlers[name](event, scfContext()));
  return {
    status: answer.statusCode,
    body: () => JSON.parse(answer.body) as unknown,
    roundTrips: proxy.roundTrips - before,
  };
}

const issue = (body: unknown = {}, headers = {}) =>
  ask("tokens", "POST", "/tokens/mini-program", body, headers);

async function issued() {
  const { verificationId, start } = issuedSchema.parse((await issue()).body());
  return { id: verificationId, token: Object.values(start)[0] ?? "" };
}

const finish = (id: string, body: unknown = {}) =>
  ask("verification", "POST", `/verifications/${id}/finish`, body);

describe("round trips to PostgreSQL", () => {
  test("to create: two, with user, person and key as without; one for the same request again", async () => {
    expect(await issue()).toMatchObject({ status: 201, roundTrips: 2 });
    const body = { identity: somebody(), reference: "order-1" };
    const key = { "idempotency-key": "key-1" };
    const first = await issue(body, key);
    expect(first).toMatchObject({ status: 201, roundTrips: 2 });
    const again = await issue(body, key);
    expect(again).toMatchObject({ status: 201, roundTrips: 1 });
    expect(again.body()).toEqual(first.body());
    expect(await issue({}, key)).toMatchObject({ status: 409, roundTrips: 1 });
  });

  test("to create what a limit refuses, or the provider: two", async () => {
    const person = { identity: somebody() };
    vi.stubEnv("LIMIT_PER_PERSON", "1/1d");
    handlers.tokens = await freshFunction("token-mini-program");
    expect(await issue(person)).toMatchObject({ status: 201 });
    expect(await issue(person)).toMatchObject({ status: 429, roundTrips: 2 });
    await simulator.fault("DetectAuth", "InternalError");
    const troubled = await issue();
    expect(troubled.status).toBeGreaterThan(500);
    expect(troubled.roundTrips).toBe(2);
  });

  test("to read: one", async () => {
    const { id } = await issued();
    expect(await ask("verification", "GET", `/verifications/${id}`)).toMatchObject({
      status: 200,
      roundTrips: 1,
    });
  });

  test("to finish: two, whatever the provider says; one once it is settled", async () => {
    const { id, token } = await issued();
    const pending = await finish(id);
    expect(pending).toMatchObject({ status: 200, roundTrips: 2 });
    expect(pending.body()).toMatchObject({ status: "pending" });
    await nextQuestion();
    await simulator.complete(token, "1002");
    expect(await finish(id)).toMatchObject({ status: 200, roundTrips: 2 });
    await nextQuestion();
    await simulator.complete(token, "passed");
    const passed = await finish(id);
    expect(passed.body()).toMatchObject({ status: "passed", attempts: 2 });
    expect(passed.roundTrips).toBe(2);
    expect(await finish(id)).toMatchObject({ status: 200, roundTrips: 1 });
    expect(await finish(id, { giveUp: true })).toMatchObject({ status: 200, roundTrips: 1 });
  });

  test("to give up: three", async () => {
    const { id } = await issued();
    expect(await finish(id, { giveUp: true })).toMatchObject({ status: 200, roundTrips: 3 });
  });

  test("to land: two, and one once it is settled", async () => {
    const { start } = issuedSchema.parse(
      (await ask("h5", "POST", "/tokens/h5", { identity: somebody() })).body(),
    );
    const token = new URL(start["url"] ?? "").searchParams.get("token") ?? "";
    const known = (await simulator.tokens()).find((each) => each.token === token);
    await simulator.complete(token, "passed");
    const { pathname } = new URL(known?.redirectUrl ?? "");
    expect(await ask("landing", "GET", pathname)).toMatchObject({ status: 200, roundTrips: 2 });
    expect(await ask("landing", "GET", pathname)).toMatchObject({ status: 200, roundTrips: 1 });
  });
});

/** The provider is asked about one verification once per second. */
const nextQuestion = () => new Promise((resolve) => setTimeout(resolve, 1_050));
