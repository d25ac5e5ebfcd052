import { expect, test } from "vitest";
import * as z from "zod";
import { Caller } from "../support/callers.ts";
import { expectProblem } from "../support/contract.ts";
import { stackForTests } from "../support/stack.ts";

const stack = stackForTests();
const login = (body: unknown) => stack.send("POST", "/login", { body });
const loginAnswer = z.strictObject({ accessToken: z.string(), expiresIn: z.literal(7_200) });

test("a login code becomes a bearer token of the openid it belongs to", async () => {
  const answer = await login({ code: "demo-mei" });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  const { accessToken } = loginAnswer.parse(answer.json());
  stack.keepSecret(accessToken);
  const loggedIn = new Caller("mei", accessToken, stack);
  const { id } = await loggedIn.issue("mini-program");
  expect(await stack.sql("select owner from verification where id = $1", [id])).toEqual([{ owner: "mei" }]);
  expect(await (await stack.asUser("mei")).read(id)).toMatchObject({ verificationId: id });
  expectProblem(await loggedIn.ask("h5", { subject: "lin" }), 403, "forbidden");
});

test("any code logs a user in locally, the same one each time", async () => {
  const ownerOf = async (code: string) => {
    const { accessToken } = loginAnswer.parse((await login({ code })).json());
    stack.keepSecret(accessToken);
    const { id } = await new Caller("", accessToken, stack).issue("mini-program");
    return (await stack.sql("select owner from verification where id = $1", [id]))[0]?.["owner"];
  };
  const owner = await ownerOf("0a1b2c");
  expect(await ownerOf("0a1b2c")).toBe(owner);
  expect(await ownerOf("0a1b2d")).not.toBe(owner);
});

test.each(["40029", "40163"])("a code that WeChat refuses with %s is not accepted", async (kind) => {
  await stack.simulator.fault("jscode2session", kind);
  expectProblem(await login({ code: "demo-mei" }), 401, "unauthenticated");
});

test.each([
  undefined,
  {},
  { code: "" },
  { code: 7 },
  { code: ["demo-mei"] },
  { code: "c".repeat(257) },
  { code: "demo-mei", openid: "lin" },
  "{",
  "[]",
])("the body %j is refused", async (body) => {
  expectProblem(await login(body), 400, "invalid_request");
});

test.each([
  ["http-500", 1],
  ["bad-json", 1],
  ["reset", 2],
  ["rate-limit", 1],
  ["-1", 4],
] as const)("while WeChat answers with %s, the login can be tried again", async (kind, count) => {
  await stack.simulator.fault("jscode2session", kind, count);
  const answer = await login({ code: "demo-mei" });
  await stack.simulator.clearFaults();
  expectProblem(answer, 503, "provider_unavailable");
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await login({ code: "demo-mei" })).status).toBe(200);
});

test.each(["40013", "40125"])("WeChat's %s, a wrong app or secret, is our own fault", async (kind) => {
  await stack.simulator.fault("jscode2session", kind);
  expectProblem(await login({ code: "demo-mei" }), 500, "misconfigured");
});

test("a user whom WeChat has blocked is told apart from a code that is used up: 403, and no login again", async () => {
  await stack.simulator.fault("jscode2session", "40226");
  expectProblem(await login({ code: "demo-mei" }), 403, "forbidden");
  await stack.simulator.fault("jscode2session", "40163");
  expectProblem(await login({ code: "demo-mei" }), 401, "unauthenticated");
});

test("a limit of WeChat's says how long it lasts", async () => {
  await stack.simulator.fault("jscode2session", "45011");
  const minute = await login({ code: "demo-mei" });
  expectProblem(minute, 503, "provider_unavailable");
  expect(Number(minute.headers.get("retry-after"))).toBe(60);
});

test("neither code nor token nor secret was logged", async () => {
  const logs = await stack.logged(/"function":"login"/);
  stack.expectNothingPersonal(logs);
  expect(logs).not.toMatch(/demo-mei|sim-app-secret|session_key/);
});
