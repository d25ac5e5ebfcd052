/** What the fake account accepts and refuses from any client: the check against the API's types, the ranges, and the state. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { connect } from "../../../tools/deploy/cloud/clients.ts";
import type { Environment } from "../../../tools/deploy/deployment.ts";
import { allKeys, clientOptions, settings } from "./deploy-context.ts";
import { asSent, type Runner, runner, type SentInstance } from "./fake-cloud/components.ts";
import { type FakeCloud, startFakeCloud } from "./fake-cloud/server.ts";
import { knownExceptions, validateRequest } from "./fake-cloud/validate-request.ts";
import type { ApiCall } from "./fake-cloud/wire.ts";

const env: Environment = { ...settings, PUBLIC_URL: "https://verify.shop.example" };
const folders = new Map(
  allKeys.map((each) => [`${each}/index.js`, Buffer.from(`exports.name = "${each}";`)]),
);
const rootFile = () => asSent(readFileSync("serverless.yml", "utf8"), env);

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

/** One API in front of one function, with this parameter in its path. */
const gatewayInstance = (parameter: object): SentInstance => ({
  ...rootFile(),
  component: "scf",
  inputs: {
    ...{ name: "zhenren-test-apigw-login", region: "ap-guangzhou", runtime: "Nodejs20.19" },
    events: [
      {
        apigw: {
          name: "gateway",
          parameters: {
            ...{ serviceName: "zhenren-test", protocols: ["https"], environment: "release" },
            endpoints: [{ path: "/h5/landing/{state}", method: "GET", param: [parameter] }],
          },
        },
      },
    ],
  },
});

describe("what the API's types do not allow is refused", () => {
  const withInputs = (more: Record<string, unknown>): SentInstance => {
    const sent = rootFile();
    return { ...sent, inputs: { ...sent.inputs, function: "login", ...more } };
  };
  const named = { name: "state", position: "PATH", type: "string", required: true };
  const parameter = { ...named, desc: "", defaultValue: "" };

  test.for([
    ["a text where a number belongs", { initTimeout: "ten" }, "CreateFunction: InitTimeout has another type"],
    [
      "a version that is not a number",
      { layers: [{ name: "shared", version: "one" }] },
      "CreateFunction: Layers.0.LayerVersion has another type",
    ],
    ["a required field left out", { cfs: [{}] }, "CreateFunction: CfsConfig.CfsInsList.0.CfsId is required"],
  ] as const)("%s", async ([, more, message]) => {
    await expect(run(withInputs(more), folders)).rejects.toThrow(message);
    expect(fakeCloud.rejected.join()).toContain(message);
    expect(fakeCloud.scf.functions.size).toBe(0);
  });

  test.for([
    ["an unknown field", { ...parameter, mandatory: true }, "RequestParameters.0.Mandatory is not in"],
    [
      "a text where a boolean belongs",
      { ...parameter, required: "TRUE" },
      "RequestParameters.0.Required has another type",
    ],
  ] as const)("%s, by the gateway", async ([, wrong, message]) => {
    await expect(run(gatewayInstance(wrong), folders)).rejects.toThrow(message);
    expect(fakeCloud.rejected.join()).toContain(message);
    expect([...fakeCloud.gateway.services.values()].flatMap(({ apis }) => [...apis])).toEqual([]);
    await run(gatewayInstance(parameter), folders);
    expect([...fakeCloud.gateway.services.values()].flatMap(({ apis }) => [...apis])).toHaveLength(1);
  });

  test("what ModifyApi requires beyond CreateApi; the toolkit calls it after each creation", async () => {
    const message = "ModifyApi: RequestParameters.0.DefaultValue is required";
    await expect(run(gatewayInstance({ ...named, desc: "" }), folders)).rejects.toThrow(message);
  });

  test.for([
    ["memory between two steps", { functions: { login: { memorySize: 200 } } }, "MemorySize"],
    ["a timeout of more than 15 minutes", { timeout: 901 }, "Timeout"],
    ["a setting without a value", { environments: [{ key: "EMPTY", value: "" }] }, "Environment.Variables"],
  ] as const)("and so are values out of range: %s", async ([, more, field]) => {
    const { inputs } = rootFile();
    const { login } = inputs["functions"] as Record<string, object>;
    const own = { ...login, ...("functions" in more ? more.functions.login : more) };
    await expect(run(withInputs({ functions: { login: own }, triggers: [] }), folders)).rejects.toThrow(
      `CreateFunction: ${field}`,
    );
  });
});

describe("the check of a request", () => {
  const call = (action: string, body: object, wire: ApiCall["wire"] = "json"): ApiCall => ({
    ...{ service: "scf", action, body, wire },
  });

  test("reads the texts of a form as their declared types", () => {
    const body = { FunctionName: "fn", Limit: "20", Filters: [{ Name: "Type", Values: ["http"] }] };
    expect(validateRequest(call("ListTriggers", body, "form"))).toEqual({ ...body, Limit: 20 });
  });

  test("does not accept a text for a number in JSON", () => {
    expect(() => validateRequest(call("ListTriggers", { FunctionName: "fn", Limit: "20" }))).toThrow(
      "Limit has another type",
    );
  });

  test("allows the toolkit's known exceptions in forms only", () => {
    const body = { FunctionName: "fn", ShowTriggers: "FALSE" };
    expect(validateRequest(call("GetFunction", body, "form"))).toEqual(body);
    expect(() => validateRequest(call("GetFunction", body))).toThrow(
      "ShowTriggers is not in GetFunctionRequest",
    );
    expect(() => validateRequest(call("DeleteFunction", body, "form"))).toThrow("ShowTriggers is not in");
  });
});

describe("the known exceptions", () => {
  const leaves = (value: unknown, path: string): string[] =>
    value !== null && typeof value === "object"
      ? Object.entries(value).flatMap(([name, each]) =>
          leaves(each, `${path}${path && "."}${Array.isArray(value) ? "*" : name}`),
        )
      : [path];

  test("are all sent by the toolkit", async () => {
    await run(rootFile(), folders);
    await run(rootFile(), folders);
    for (const [action, kinds] of Object.entries(knownExceptions)) {
      const calls = fakeCloud.log.filter((each) => each.action === action);
      const sent = new Set(calls.flatMap(({ body }) => leaves(body, "")));
      for (const field of kinds["UnknownParameter"] ?? []) expect(sent, action).toContain(field);
    }
  });
});

describe("the account", () => {
  const loginName = "zhenren-test-zhenren-login";

  test("lists the requested triggers", async () => {
    await run(rootFile(), folders);
    const timer = fakeCloud.scf.functions.get("zhenren-test-zhenren-archive")?.triggers[0];
    if (timer) fakeCloud.scf.functions.get(loginName)?.triggers.unshift(timer);
    const list = (Filters: object[]) =>
      fakeCloud.scf.answer("ListTriggers", { FunctionName: loginName, Filters });
    expect(list([])).toMatchObject({ TotalCount: 2 });
    expect(list([{ Name: "Type", Values: ["http"] }])).toMatchObject({
      TotalCount: 1,
      Triggers: [{ Type: "http" }],
    });
  });

  test("has no code for an object that nobody uploaded", () => {
    const Code = { CosBucketName: "bucket", CosObjectName: "/nothing.zip" };
    const request = { FunctionName: "fn", Code, Handler: "index.main_handler", Type: "Event" };
    expect(() => fakeCloud.scf.answer("CreateFunction", { ...request, Runtime: "Nodejs20.19" })).toThrow(
      "COS object",
    );
  });

  test("shows a service of the gateway to the vendor's SDK as well", async () => {
    const body = { ServiceName: "shared", Protocol: "https" };
    const { ServiceId, OuterSubDomain } = fakeCloud.gateway.answer("CreateService", body, fakeCloud.scf);
    const { gateway } = connect(clientOptions(fakeCloud));
    expect(await gateway.hostOf(String(ServiceId))).toBe(OuterSubDomain);
    expect(await gateway.hostOf("service-00000000")).toBeUndefined();
  });
});
