/** Every response that a route documents, produced through that route; problems once in English and once in Chinese. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { type ErrorCode, PROBLEMS, problem } from "../../shared/contract/problem.ts";
import { pathTo, type RouteContract, type RouteName, routes } from "../../shared/contract/routes.ts";
import type { Language } from "../../shared/contract/text.ts";
import { deliver, passedFlow, written } from "../e2e/push/push-flow.ts";
import { freshFunction, type MainHandler } from "../functions/fresh-function.ts";
import { functionUrlEvent, scfContext } from "../http/events.ts";
import type { Caller, IssuedChannel } from "../support/callers.ts";
import { expectProblem } from "../support/contract.ts";
import { somebody } from "../support/people.ts";
import type { Answer } from "../support/request.ts";
import { stackForTests } from "../support/stack.ts";

const LIMIT = 4;
const settings = {
  IDENTITY_MINI_PROGRAM: "required",
  IDENTITY_H5: "required",
  IDENTITY_EID: "required",
  WECHAT_FACE_GENERATION: "1",
  LIMIT_PER_OWNER: `${LIMIT}/100d`,
};
const stack = stackForTests(settings, { ownServer: true });
const routeNames = Object.keys(routes) as RouteName[]; // the table's own keys

const ids = { id: "ver_01933b60-0000-7000-8000-000000000000", state: "s".repeat(32) };
/** What each token function asks first. */
const ISSUING_CALLS: Readonly<Partial<Record<RouteName, { api: string; refusal: string }>>> = {
  issueMiniProgram: { api: "DetectAuth", refusal: "InvalidParameterValue" },
  issueH5: { api: "DetectAuth", refusal: "InvalidParameterValue" },
  issueEid: { api: "GetEidToken", refusal: "InvalidParameterValue" },
  issueWechat: { api: "getuseridkey", refusal: "84002" },
};
const isIssuing = (name: RouteName) => name in ISSUING_CALLS;
const channelOf = (name: RouteName) => routes[name].path.split("/").at(-1) as IssuedChannel;

/** The headers of a request. */
type RequestHeaders = Readonly<Record<string, string>>;

let users = 0;
/** A name that no limit has met. */
function newName(): string {
  users += 1;
  return `user-${users}`;
}
const someUser = (): Promise<Caller> => stack.asUser(newName());

const handlers = new Map<string, MainHandler>();
/** The function itself with an event, where no client can bring it about. */
async function invoke(name: RouteName, over: Record<string, unknown>): Promise<Answer> {
  const functionName = routes[name].function;
  const handler = handlers.get(functionName) ?? (await freshFunction(functionName));
  handlers.set(functionName, handler);
  const event = functionUrlEvent({ httpMethod: routes[name].method, path: pathTo(name, ids), ...over });
  const { statusCode, headers, body } = z
    .object({ statusCode: z.number(), headers: z.record(z.string(), z.string()), body: z.string() })
    .parse(await handler(event, scfContext()));
  return { status: statusCode, headers: new Headers(headers), text: body, json: () => JSON.parse(body) };
}

async function withFault(name: RouteName, kind: string, request: () => Promise<Answer>): Promise<Answer> {
  await stack.simulator.fault(ISSUING_CALLS[name]?.api ?? "jscode2session", kind, 4);
  try {
    return await request();
  } finally {
    await stack.simulator.clearFaults();
  }
}

async function withoutDatabase(request: () => Promise<Answer>): Promise<Answer> {
  await stack.running.database.stop();
  try {
    return await request();
  } finally {
    await stack.running.database.start();
  }
}

/** A login to which WeChat answers with a fault. */
const loginWith = (kind: string, headers: RequestHeaders): Promise<Answer> =>
  withFault("login", kind, () => stack.send("POST", "/login", { body: { code: "demo-mei" }, headers }));

/** Somebody whose name and number must be in no answer. */
function person() {
  const identity = somebody();
  stack.keepSecret(identity.name, identity.idCardNumber);
  return identity;
}

const ask = async (name: RouteName, body: object, headers: RequestHeaders, by?: Caller) =>
  (by ?? (await someUser())).ask(channelOf(name), body, headers);
const askFor = (name: RouteName, headers: RequestHeaders) => ask(name, { identity: person() }, headers);
const isOfConsole = (name: RouteName) => routes[name].function === "console";
const send = async (name: RouteName, headers: RequestHeaders) => {
  const caller = isOfConsole(name) ? await stack.asBackend() : await someUser();
  return caller.send(routes[name].method, pathTo(name, ids), { headers });
};

function defect(): never {
  throw new TypeError("a defect");
}

type Produce = (name: RouteName, headers: RequestHeaders) => Promise<Answer>;

const produce: Readonly<Record<ErrorCode, Produce>> = {
  invalid_request: (name, headers) => invoke(name, { body: "x".repeat(65_537), headers }),
  misconfigured: (name, headers) => invoke(name, { body: "", headers }), // this process has no setting at all
  internal: (name, headers) =>
    invoke(name, { headers, queryString: new Proxy({}, { ownKeys: () => defect() }) }),
  unauthenticated: (name, headers) =>
    routes[name].access === "bearer"
      ? stack.send(routes[name].method, pathTo(name, ids), { headers })
      : loginWith("40029", headers),
  forbidden: async (name, headers) => {
    if (isOfConsole(name))
      return (await someUser()).send(routes[name].method, pathTo(name, ids), { headers });
    if (isIssuing(name)) return ask(name, { identity: person(), subject: "lin" }, headers);
    if (name === "login") return loginWith("40226", headers);
    const query = "signature=x&timestamp=1&nonce=2&echostr=3";
    return stack.send(routes[name].method, `${pathTo(name)}?${query}`, { headers });
  },
  not_found: send,
  conflict: async (name, headers) => {
    const user = await someUser();
    const identity = person();
    if (isIssuing(name)) {
      // The first request with this key has not got its token yet.
      const request = () =>
        user.ask(channelOf(name), { identity }, { ...headers, "idempotency-key": "once" });
      const { verificationId } = z.object({ verificationId: z.string() }).parse((await request()).json());
      await stack.sql("update verification set issued = null where id = $1", [verificationId]);
      return request();
    }
    // More result tokens than a person can have.
    const { id } = await user.issue("wechat", { identity });
    const finish = async (verifyResult: string) => {
      await stack.momentPasses();
      return user.send("POST", pathTo("finishVerification", { id }), { body: { verifyResult }, headers });
    };
    for (let n = 0; n < 10; n += 1) await finish(`${id}-token-${n}`);
    return finish(`${id}-one-too-many`);
  },
  idempotency_mismatch: async (name, headers) => {
    const user = await someUser();
    const request = (reference: string) => {
      const body = { identity: person(), reference };
      return user.ask(channelOf(name), body, { ...headers, "idempotency-key": "once" });
    };
    await request("one");
    return request("another");
  },
  identity_required: (name, headers) => ask(name, {}, headers),
  rate_limited: async (name, headers) => {
    const user = await someUser();
    for (let n = 0; n < LIMIT; n += 1) await user.issue(channelOf(name), { identity: person() });
    return ask(name, { identity: person() }, headers, user);
  },
  provider_unavailable: async (name, headers) => {
    if (isIssuing(name)) return withFault(name, "http-500", () => askFor(name, headers));
    if (name === "login") return loginWith("http-500", headers);
    if (name !== "receivePush") return withoutDatabase(() => send(name, headers));
    const passed = await passedFlow(stack, newName());
    return withoutDatabase(() => deliver(stack, written(stack, passed.event()), headers));
  },
  provider_rejected: (name, headers) =>
    withFault(name, ISSUING_CALLS[name]?.refusal ?? "", () => askFor(name, headers)),
};

/** What the query of WeChat's check of the push address is: signed by the Token that both sides know. */
function signedEcho(): string {
  const [timestamp, nonce] = [String(Math.floor(Date.now() / 1000)), "nonce"];
  const parts = ["simpushtoken", timestamp, nonce].toSorted().join("");
  const signature = createHash("sha1").update(parts).digest("hex");
  return String(new URLSearchParams({ signature, timestamp, nonce, echostr: "echo" }));
}

/** Requests that a route answers with something else than a problem. */
async function succeed(name: RouteName): Promise<readonly Answer[]> {
  const user = await someUser();
  if (isIssuing(name)) return [await askFor(name, {})];
  if (name === "login") return [await stack.send("POST", "/login", { body: { code: "demo-mei" } })];
  if (name === "echoPush") return [await stack.send("GET", `/wechat/push?${signedEcho()}`)];
  if (name === "receivePush") {
    const passed = await passedFlow(stack, newName());
    return [await deliver(stack, written(stack, passed.event()), {})];
  }
  const issued = await user.issue("h5", { identity: person() });
  if (name !== "landH5") {
    const caller = isOfConsole(name) ? await stack.asBackend() : user;
    return [await caller.send(routes[name].method, pathTo(name, { id: issued.id }))];
  }
  const { pathname } = await user.landingOf(issued);
  const unknown = stack.send("GET", pathTo(name, ids));
  const landed = await stack.send("GET", pathname);
  return [landed, await unknown, await withoutDatabase(() => stack.send("GET", pathname))];
}

test.each(routeNames)("%s answers every documented status that is no problem", async (name) => {
  const { responses }: RouteContract = routes[name];
  const answers = await succeed(name);
  expect(answers.map(({ status }) => status)).toEqual(Object.keys(responses).map(Number));
  for (const answer of answers) expect(answer.headers.get("x-request-id")).toMatch(/^[\w-]{8,}$/);
});

test.each(routeNames)("%s refuses what is no request with 400", async (name) => {
  expectProblem(await invoke(name, { path: 7 }), 400, "invalid_request");
});

describe.each(routeNames)("%s", (name) => {
  const { problems }: RouteContract = routes[name];

  test.each(problems)(
    "answers the problem %s in English and in Chinese",
    { timeout: 120_000 },
    async (code) => {
      const inLanguage = async (language: Language, header: string) => {
        const answer = await produce[code](name, { "accept-language": header });
        const detail = expectProblem(answer, code === "invalid_request" ? 413 : PROBLEMS[code].status, code);
        stack.expectNothingPersonal(answer.text);
        expect(answer.headers.get("content-language")).toBe(language);
        expect(answer.headers.get("vary")).toMatch(/\baccept-language\b/);
        const { title } = problem.parse(answer.json());
        expect(title).toBe(PROBLEMS[code].title[language]);
        return { title, detail };
      };
      const english = await inLanguage("en", "en-US,en;q=0.9,zh;q=0.8");
      const chinese = await inLanguage("zh", "zh-CN,zh;q=0.9,en;q=0.8");
      for (const text of Object.values(english)) expect(text).toMatch(/^\p{ASCII}+$/u);
      for (const text of Object.values(chinese)) expect(text).toMatch(/\p{Script=Han}/u);
    },
  );
});

test("every code of the contract is documented by some route", () => {
  const documented = new Set(Object.values<RouteContract>(routes).flatMap(({ problems }) => problems));
  expect([...documented].toSorted()).toEqual(Object.keys(PROBLEMS).toSorted());
});
