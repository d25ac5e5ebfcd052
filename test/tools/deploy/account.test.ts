/** What the stand-in's account takes and refuses, whoever asks: the judge of types, the ranges, and the state behind both wires. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { apiGateway } from "../../../tools/deploy/cloud/api-gateway.ts";
import type { Environment } from "../../../tools/deploy/deployment.ts";
import { asSent, type Runner, runner, type SentInstance } from "./stand-in/components.ts";
import { deviations } from "./stand-in/deviations.ts";
import { judged } from "./stand-in/judge.ts";
import { key, type StandInServer, startStandIn } from "./stand-in/server.ts";
import type { ApiCall } from "./stand-in/wire.ts";
import { allKeys, settings } from "./world.ts";

const env: Environment = { ...settings, PUBLIC_URL: "https://verify.shop.example" };
const folders = new Map(
  allKeys.map((each) => [`${each}/index.js`, Buffer.from(`exports.name = "${each}";`)]),
);
const rootFile = () => asSent(readFileSync("serverless.yml", "utf8"), env);

let standIn: StandInServer;
let run: Runner;
beforeAll(async () => {
  standIn = await startStandIn();
});
afterAll(() => standIn.close());
beforeEach(() => {
  standIn.reset();
  standIn.cloud.looks = 0;
  run = runner(standIn);
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
    ["a number that is none", { initTimeout: "ten" }, "CreateFunction: InitTimeout has another type"],
    [
      "a version that is no number",
      { layers: [{ name: "shared", version: "one" }] },
      "CreateFunction: Layers.0.LayerVersion has another type",
    ],
    ["a required field left out", { cfs: [{}] }, "CreateFunction: CfsConfig.CfsInsList.0.CfsId is required"],
  ] as const)("%s", async ([, more, message]) => {
    await expect(run(withInputs(more), folders)).rejects.toThrow(message);
    expect(standIn.refused.join()).toContain(message);
    expect(standIn.cloud.functions.size).toBe(0);
  });

  test.for([
    [
      "a field that there is not",
      { ...parameter, mandatory: true },
      "RequestParameters.0.Mandatory is not in",
    ],
    [
      "a text for a boolean",
      { ...parameter, required: "TRUE" },
      "RequestParameters.0.Required has another type",
    ],
  ] as const)("%s, by the gateway", async ([, wrong, message]) => {
    await expect(run(gatewayInstance(wrong), folders)).rejects.toThrow(message);
    expect(standIn.refused.join()).toContain(message);
    expect([...standIn.gateway.services.values()].flatMap(({ apis }) => [...apis])).toEqual([]);
    await run(gatewayInstance(parameter), folders);
    expect([...standIn.gateway.services.values()].flatMap(({ apis }) => [...apis])).toHaveLength(1);
  });

  test("what ModifyApi asks for beyond CreateApi, by which the toolkit writes a new API a second time", async () => {
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

describe("the judge", () => {
  const call = (action: string, body: object, wire: ApiCall["wire"] = "json"): ApiCall => ({
    ...{ service: "scf", action, body, wire },
  });

  test("reads texts of a form as what they are declared to be", () => {
    const body = { FunctionName: "fn", Limit: "20", Filters: [{ Name: "Type", Values: ["http"] }] };
    expect(judged(call("ListTriggers", body, "form"))).toEqual({ ...body, Limit: 20 });
  });

  test("takes no text for a number in JSON", () => {
    expect(() => judged(call("ListTriggers", { FunctionName: "fn", Limit: "20" }))).toThrow(
      "Limit has another type",
    );
  });

  test("lets the toolkit's own deviations through in forms only", () => {
    const body = { FunctionName: "fn", ShowTriggers: "FALSE" };
    expect(judged(call("GetFunction", body, "form"))).toEqual(body);
    expect(() => judged(call("GetFunction", body))).toThrow("ShowTriggers is not in GetFunctionRequest");
    expect(() => judged(call("DeleteFunction", body, "form"))).toThrow("ShowTriggers is not in");
  });
});

describe("the known deviations", () => {
  const leaves = (value: unknown, path: string): string[] =>
    value !== null && typeof value === "object"
      ? Object.entries(value).flatMap(([name, each]) =>
          leaves(each, `${path}${path && "."}${Array.isArray(value) ? "*" : name}`),
        )
      : [path];

  test("are all the toolkit's own, and it makes each of them", async () => {
    await run(rootFile(), folders);
    await run(rootFile(), folders);
    for (const [action, kinds] of Object.entries(deviations)) {
      const calls = standIn.log.filter((each) => each.action === action);
      const sent = new Set(calls.flatMap(({ body }) => leaves(body, "")));
      for (const field of kinds["UnknownParameter"] ?? []) expect(sent, action).toContain(field);
    }
  });
});

describe("the account", () => {
  const loginName = "zhenren-test-zhenren-login";

  test("lists the triggers that are asked for", async () => {
    await run(rootFile(), folders);
    const timer = standIn.cloud.functions.get("zhenren-test-zhenren-archive")?.triggers[0];
    if (timer) standIn.cloud.functions.get(loginName)?.triggers.unshift(timer);
    const list = (Filters: object[]) =>
      standIn.cloud.answer("ListTriggers", { FunctionName: loginName, Filters });
    expect(list([])).toMatchObject({ TotalCount: 2 });
    expect(list([{ Name: "Type", Values: ["http"] }])).toMatchObject({
      TotalCount: 1,
      Triggers: [{ Type: "http" }],
    });
  });

  test("has no code for an object that nobody uploaded", () => {
    const Code = { CosBucketName: "bucket", CosObjectName: "/nothing.zip" };
    const request = { FunctionName: "fn", Code, Handler: "index.main_handler", Type: "Event" };
    expect(() => standIn.cloud.answer("CreateFunction", { ...request, Runtime: "Nodejs20.19" })).toThrow(
      "COS object",
    );
  });

  test("shows a service of the gateway to the vendor's SDK as well", async () => {
    const body = { ServiceName: "shared", Protocol: "https" };
    const { ServiceId, OuterSubDomain } = standIn.gateway.answer("CreateService", body, standIn.cloud);
    const gateway = apiGateway({
      credential: { ...key },
      region: "ap-guangzhou",
      standIn: { host: "127.0.0.1", port: standIn.port },
    });
    expect(await gateway.hostOf(String(ServiceId))).toBe(OuterSubDomain);
    expect(await gateway.hostOf("service-00000000")).toBeUndefined();
  });
});
