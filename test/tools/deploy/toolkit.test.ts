/** The vendor's own toolkit deploys our files, and each of its requests is checked against the types that the API publishes. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { routes } from "../../../shared/contract/routes.ts";
import { type Environment, readDeployment } from "../../../tools/deploy/deployment.ts";
import { plan } from "../../../tools/deploy/plan.ts";
import { render } from "../../../tools/deploy/sls/files.ts";
import { allKeys, settings } from "./deploy-context.ts";
import { asSent, type Runner, runner, snapshot } from "./fake-cloud/components.ts";
import { writes } from "./fake-cloud/scf-requests.ts";
import { type FakeCloud, key, startFakeCloud } from "./fake-cloud/server.ts";

const deployment = readDeployment();
const env: Environment = { ...settings, PUBLIC_URL: "https://verify.shop.example" };
const codeOf = (name: string) => Buffer.from(`exports.name = "${name}";`);

let fakeCloud: FakeCloud;
let run: Runner;
beforeAll(async () => {
  fakeCloud = await startFakeCloud();
});
afterAll(() => fakeCloud.close());
beforeEach(() => {
  fakeCloud.reset();
  fakeCloud.scf.pollsPerChange = 0;
  run = runner(fakeCloud);
});

const folders = new Map(allKeys.map((each) => [`${each}/index.js`, codeOf(each)] as const));
/** The project's own file, unchanged. */
const rootFile = () => asSent(readFileSync("serverless.yml", "utf8"), env);
/** The files that `npm run deploy` gives to the CLI for this trigger, by path. */
const rendered = (more: Environment) => {
  const wanted = { ...env, ...more };
  const desired = allKeys.map((each) => plan(deployment, each, wanted, codeOf(each)));
  return new Map(render({ deployment, env: wanted, desired }).map(({ path, content }) => [path, content]));
};

/** Deploys one function of the API-Gateway variant. */
async function deployBehindGateway(name: string, more: Environment) {
  const wanted = { ...env, HTTP_TRIGGER: "apigw", ...more };
  const files = rendered(wanted);
  const sent = asSent(String(files.get(`${name}/serverless.yml`)), wanted);
  return await run(sent, new Map([["index.js", Buffer.from(files.get(`${name}/code/index.js`) ?? "")]]));
}

/** The landing page first, which creates the service; then all others in that service, at once, as the CLI does. */
async function deployAllBehindGateway(): Promise<string> {
  await deployBehindGateway("h5-landing", {});
  const [serviceId = ""] = fakeCloud.gateway.services.keys();
  const others = allKeys.filter((each) => each !== "h5-landing");
  await Promise.all(others.map((each) => deployBehindGateway(each, { APIGW_SERVICE_ID: serviceId })));
  return serviceId;
}

const fn = (name: string) => {
  const found = fakeCloud.scf.functions.get(name);
  if (!found) throw new Error(`The account has no ${name}.`);
  return found;
};
const written = () =>
  fakeCloud.log.filter(({ action }) => writes.has(action)).map(({ action, body }) => ({ action, body }));
const account = () => snapshot(fakeCloud.scf);

const timers = {
  reconcile: { cron: "0 * * * * * *", argument: '{"job":"reconcile"}' },
  deliver: { cron: "5 * * * * * *", argument: '{"job":"deliver"}' },
  maintain: { cron: "10 * * * * * *", argument: '{"job":"maintain"}' },
  archive: { cron: "0 */10 * * * * *", argument: '{"job":"archive"}' },
};
const sizes: Readonly<Record<string, { MemorySize: number; Timeout: number }>> = {
  login: { MemorySize: 128, Timeout: 10 },
  "wechat-push": { MemorySize: 256, Timeout: 10 },
  reconcile: { MemorySize: 256, Timeout: 120 },
  deliver: { MemorySize: 128, Timeout: 120 },
  maintain: { MemorySize: 128, Timeout: 120 },
  archive: { MemorySize: 512, Timeout: 900 },
};

function expectFunctions(prefix: string): void {
  expect([...fakeCloud.scf.functions.keys()].toSorted()).toEqual(
    allKeys.map((each) => `${prefix}${each}`).toSorted(),
  );
  for (const each of allKeys) {
    const { facts, environment, files, status } = fn(`${prefix}${each}`);
    expect(facts, each).toMatchObject({
      Runtime: "Nodejs20.19",
      Handler: "index.main_handler",
      Type: "Event",
      InitTimeout: 10,
      Role: "zhenren-functions",
      PublicNetConfig: { PublicNetStatus: "ENABLE", EipConfig: { EipStatus: "DISABLE" } },
      ...(sizes[each] ?? { MemorySize: 256, Timeout: 20 }),
    });
    expect(status).toBe("Active");
    expect([...files.keys()], each).toEqual(["index.js"]);
    expect(files.get("index.js")).toEqual(codeOf(each));
    expect(Object.keys(environment).length, each).toBeGreaterThan(0);
    expect(environment["TENCENT_SECRET_ID"]).not.toBe(key.secretId);
  }
  for (const [name, { cron, argument }] of Object.entries(timers)) {
    expect(fn(`${prefix}${name}`).triggers).toMatchObject([
      { Type: "timer", TriggerDesc: JSON.stringify({ cron }), CustomArgument: argument, Enable: 1 },
    ]);
  }
}

describe("function URLs", () => {
  test("the unchanged serverless.yml creates every function with its address or timer", async () => {
    await run(rootFile(), folders);
    expect(fakeCloud.rejected).toEqual([]);
    expectFunctions("zhenren-test-zhenren-");
    for (const name of allKeys.filter((each) => !Object.hasOwn(timers, each))) {
      const { triggers } = fn(`zhenren-test-zhenren-${name}`);
      expect(triggers, name).toMatchObject([{ Type: "http", Qualifier: "$DEFAULT", Enable: 1 }]);
      expect(JSON.parse(triggers[0]?.TriggerDesc ?? "")).toMatchObject({
        AuthType: "NONE",
        NetConfig: { EnableExtranet: true, EnableIntranet: false },
      });
    }
    expect(fn("zhenren-test-zhenren-login").environment).toEqual({
      WECHAT_APP_ID: env["WECHAT_APP_ID"],
      WECHAT_APP_SECRET: env["WECHAT_APP_SECRET"],
      CORS_ORIGINS: env["CORS_ORIGINS"],
      AUTH_SECRET: env["AUTH_SECRET"],
    });
  });

  test("the files of npm run deploy create the same functions, as planned", async () => {
    const files = rendered({});
    const code = [...files].flatMap(([path, content]) =>
      path.startsWith("dist/") ? [[path.slice(5), Buffer.from(content)] as const] : [],
    );
    await run(asSent(String(files.get("serverless.yml")), env), new Map(code));
    expect(fakeCloud.rejected).toEqual([]);
    expectFunctions("zhenren-test-zhenren-");
    for (const each of allKeys) {
      const wanted = plan(deployment, each, env, codeOf(each));
      const { facts, environment } = fn(wanted.name);
      expect(environment, each).toEqual(wanted.environment);
      expect(facts["Description"]).toBe(wanted.description);
    }
  });

  test("a second run writes the code and the configuration again and leaves the account as it was", async () => {
    await run(rootFile(), folders);
    const before = account();
    fakeCloud.log = [];
    await run(rootFile(), folders);
    expect(account()).toBe(before);
    const actions = written().map(({ action }) => action);
    expect([...new Set(actions)].toSorted()).toEqual([
      "UpdateFunctionCode",
      "UpdateFunctionConfiguration",
      "UpdateTrigger",
    ]);
    expect(actions.filter((action) => action === "UpdateTrigger")).toHaveLength(9); // timers stay as they are
  });

  test("a deploy of one function touches no other", async () => {
    await run(rootFile(), folders);
    fakeCloud.log = [];
    const only = rootFile();
    await run({ ...only, inputs: { ...only.inputs, function: "login" } }, folders);
    const names = new Set(written().map(({ body }) => (body as { FunctionName: string }).FunctionName));
    expect([...names]).toEqual(["zhenren-test-zhenren-login"]);
  });

  test("an unset setting reaches the function as the word undefined, which is why npm run deploy leaves it out", async () => {
    const { EID_TOKEN_SECONDS: _, ...without } = env;
    await run(asSent(readFileSync("serverless.yml", "utf8"), without), folders);
    expect(fn("zhenren-test-zhenren-token-eid").environment["EID_TOKEN_SECONDS"]).toBe("undefined");
  });

  test("an address that cannot be changed is skipped silently, which is why npm run deploy observes afterwards", async () => {
    await run(rootFile(), folders);
    fakeCloud.calls = [];
    await run(rootFile(), folders); // calls as the third run will
    const update = fakeCloud.calls.length + fakeCloud.calls.indexOf("UpdateTrigger");
    fakeCloud.faults.set(update, { when: "before", how: "FailedOperation.UpdateTrigger" });
    const [address] = fn("zhenren-test-zhenren-login").triggers;
    if (address) address.TriggerDesc = address.TriggerDesc.replace("NONE", "CAM");
    await run(rootFile(), folders);
    expect(fn("zhenren-test-zhenren-login").triggers[0]?.TriggerDesc).toContain("CAM");
  });

  test("removing the instance leaves nothing", async () => {
    await run(rootFile(), folders);
    await run({ ...rootFile(), inputs: {} }, new Map(), "remove");
    expect(fakeCloud.scf.functions.size).toBe(0);
  });
});

describe("an API Gateway", () => {
  /** The method, path and function of each API. */
  const listed = (serviceId: string) =>
    [...(fakeCloud.gateway.services.get(serviceId)?.apis.values() ?? [])]
      .map(
        ({ RequestConfig, ServiceScfFunctionName }) =>
          `${RequestConfig.Method} ${RequestConfig.Path} ${ServiceScfFunctionName}`,
      )
      .toSorted();
  // `ANY`: the gateway knows no API for OPTIONS, which pages of other origins ask first.
  const wanted = [
    ...new Set(
      Object.values(routes).map(({ path, function: name }) => `ANY ${path} zhenren-test-apigw-${name}`),
    ),
  ].toSorted();

  test("gets one service with every path for every method, and integrated responses", async () => {
    const serviceId = await deployAllBehindGateway();
    expect(fakeCloud.rejected).toEqual([]);
    expectFunctions("zhenren-test-apigw-");
    expect([...fakeCloud.gateway.services.keys()]).toEqual([serviceId]);
    const service = fakeCloud.gateway.services.get(serviceId);
    expect(service?.protocol).toBe("https");
    const apis = [...(service?.apis.values() ?? [])];
    expect(listed(serviceId)).toEqual(wanted);
    for (const api of apis) {
      expect(api.ServiceScfIsIntegratedResponse, api.RequestConfig.Path).toBe(true);
      expect(api.ServiceScfFunctionType).toBe("EVENT");
      expect(api.EnableCORS).toBe(false);
    }
    expect(service?.released.get("release")).toHaveLength(apis.length);
  });

  test("shows each API as a trigger of its function", async () => {
    const serviceId = await deployAllBehindGateway();
    const [trigger] = fn("zhenren-test-apigw-h5-landing").triggers;
    expect(trigger).toMatchObject({ Type: "apigw", Qualifier: "$DEFAULT" });
    expect(trigger?.ResourceId).toMatch(new RegExp(`^service/${serviceId}/API/api-`));
    expect(JSON.parse(trigger?.TriggerDesc ?? "")).toMatchObject({ api: { isIntegratedResponse: "TRUE" } });
  });

  test("a second run keeps every service, API, trigger and address", async () => {
    const serviceId = await deployAllBehindGateway();
    const apis = () => [...(fakeCloud.gateway.services.get(serviceId)?.apis.keys() ?? [])].toSorted();
    const [before, ids] = [account(), apis()];
    await deployAllBehindGateway();
    expect(fakeCloud.rejected).toEqual([]);
    expect([...fakeCloud.gateway.services.keys()]).toEqual([serviceId]);
    expect(apis()).toEqual(ids);
    expect(account()).toBe(before);
  });

  test("gets paths for every method in place of those for one, which older deploys made", async () => {
    const wantedEnv = { ...env, HTTP_TRIGGER: "apigw" };
    const older = String(rendered(wantedEnv).get("h5-landing/serverless.yml")).replace("ANY", "GET");
    await run(asSent(older, wantedEnv), new Map([["index.js", codeOf("h5-landing")]]));
    const [serviceId = ""] = fakeCloud.gateway.services.keys();
    const landing = "/h5/landing/{state} zhenren-test-apigw-h5-landing";
    expect(listed(serviceId)).toEqual([`GET ${landing}`]);
    await deployBehindGateway("h5-landing", {});
    expect(fakeCloud.rejected).toEqual([]);
    // Whether the gateway also deletes the old API is not known; it would call the same function.
    expect(listed(serviceId)).toContain(`ANY ${landing}`);
    const methods = fn("zhenren-test-apigw-h5-landing").triggers.map(
      ({ TriggerDesc }) => JSON.parse(TriggerDesc).api.requestConfig.method,
    );
    expect(methods).toEqual(["ANY"]);
  });

  test("exists beside function URLs without touching them", async () => {
    await run(rootFile(), folders);
    const before = [...fakeCloud.scf.functions].map(([name, { triggers }]) => [
      name,
      structuredClone(triggers),
    ]);
    await deployAllBehindGateway();
    expect(fakeCloud.scf.functions.size).toBe(2 * allKeys.length);
    for (const [name, triggers] of before) expect(fn(String(name)).triggers).toEqual(triggers);
  });
});
