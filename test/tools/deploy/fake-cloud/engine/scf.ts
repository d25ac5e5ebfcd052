/** `component: scf`: one function with its events, after serverless-components/tencent-scf 0.9.7. */
import * as z from "zod";
import { type ComponentRun, failIfAsked, type Inputs, store } from "./engine.ts";

const event = z.record(
  z.string(),
  z.looseObject({ name: z.string().optional(), parameters: z.looseObject({}).default({}) }),
);
const scfInputs = z.looseObject({
  name: z.string().optional(),
  type: z.string().optional(),
  runtime: z.string().default("Nodejs10.15"),
  handler: z.string().default("index.main_handler"),
  description: z.string().optional(),
  events: z.array(event).default([]),
});

/** What the toolkit returns for an API-Gateway trigger. */
const gatewayTrigger = z.looseObject({
  serviceId: z.string(),
  serviceName: z.string(),
  subDomain: z.union([z.string(), z.array(z.string())]),
  protocols: z.unknown(),
  environment: z.string(),
  apiList: z.array(z.looseObject({ path: z.string() })),
});
const deployed = z.looseObject({
  FunctionName: z.string(),
  Triggers: z.array(z.looseObject({ serviceId: z.string().optional() })),
});
const scfState = z.looseObject({
  region: z.string().optional(),
  function: z.looseObject({ FunctionName: z.string() }).optional(),
  apigw: z
    .record(z.string(), z.looseObject({ serviceId: z.string(), created: z.boolean().optional() }))
    .default({}),
  lastVersion: z.string().optional(),
});

/** `http` is missing in 0.9.7 and was documented later (product 1154, 43228). */
const EVENT_TYPES = ["apigw", "http", "cos", "timer", "cmq", "ckafka", "cls", "mps", "clb"];

type ScfState = z.infer<typeof scfState>;

/** The events as the toolkit accepts them: named, and each gateway with the state of an earlier run. */
function formattedEvents(events: z.infer<typeof event>[], state: ScfState, run: ComponentRun) {
  const { instance } = run;
  const seen = new Set<string | undefined>();
  return events.map((each) => {
    const [type = "", current] = Object.entries(each)[0] ?? [];
    if (!current || !EVENT_TYPES.includes(type)) throw new Error(`Unknow trigger type ${type}`);
    const name = current.name ?? `${type}-${instance.name}-${instance.stage}`;
    if (type !== "apigw") return { [type]: { ...current, name } };
    if (seen.has(current.name)) throw new Error("API Gateway name must be unique");
    const { parameters } = current;
    const given = parameters["serviceId"];
    const serviceName = String(parameters["serviceName"] ?? current.name ?? "serverless");
    seen.add(serviceName);
    const old = state.apigw[serviceName] ?? state.apigw[String(given)];
    return {
      [type]: {
        ...current,
        name,
        parameters: {
          ...parameters,
          isInputServiceId: !!given,
          description:
            parameters["description"] ??
            `The service of serverless scf: ${instance.name}-${instance.stage}-${instance.app}`,
          ...(old && { oldState: old, created: old.created }),
          serviceId: given ?? old?.serviceId,
        },
      },
    };
  });
}

async function deploy(given: Inputs, run: ComponentRun) {
  const { instance } = run;
  const inputs = scfInputs.parse(given);
  const state = scfState.parse(instance.state);
  if (instance.files.size === 0) throw new Error("Upload cos failed, please check bucket exist or not.");
  const wanted = {
    ...inputs,
    code: store(run, "scf", instance.files),
    name: inputs.name ?? state.function?.FunctionName ?? `${instance.name}-${instance.stage}-${instance.app}`,
    description: inputs.description ?? `This is a function in ${instance.app} application`,
    events: formattedEvents(inputs.events, state, run),
    lastVersion: state.lastVersion,
  };
  failIfAsked(run, instance.name);
  const made = deployed.parse(await run.toolkit.do("deployFunction", run.access, wanted));
  const triggers = made.Triggers.map((trigger) => {
    const gateway = gatewayTrigger.safeParse(trigger);
    return gateway.success ? { ...gateway.data, urls: urlsOf(gateway.data) } : trigger;
  });
  const gateways = triggers.flatMap((trigger) => {
    const gateway = gatewayTrigger.safeParse(trigger);
    return gateway.success
      ? [[gateway.data.serviceName, trigger] as const, [gateway.data.serviceId, trigger] as const]
      : [];
  });
  instance.state = {
    region: run.access.region,
    function: made,
    lambdaArn: made.FunctionName,
    lastVersion: "$LATEST",
    traffic: 1,
    apigw: Object.fromEntries(gateways),
  };
  return {
    type: inputs.type ?? "event",
    functionName: made.FunctionName,
    code: wanted.code,
    description: made["Description"],
    region: run.access.region,
    namespace: made["Namespace"],
    runtime: made["Runtime"],
    handler: made["Handler"],
    memorySize: made["MemorySize"],
    lastVersion: "$LATEST",
    traffic: 1,
    triggers,
  };
}

/** One address per API and domain of its service. */
function urlsOf({ protocols, subDomain, environment, apiList }: z.infer<typeof gatewayTrigger>): string[] {
  const protocol = String(protocols).includes("https") ? "https" : "http";
  return apiList.flatMap(({ path }) =>
    [subDomain].flat().map((domain) => `${protocol}://${domain}/${environment}${path}`),
  );
}

/** Removes the function and the APIs that a deploy of this instance created. */
async function remove(_given: Inputs, run: ComponentRun) {
  const state = scfState.parse(run.instance.state);
  const access = { ...run.access, region: state.region ?? run.access.region };
  if (state.function) await run.toolkit.do("removeFunction", access, state.function);
  run.instance.state = {};
  return {};
}

/** The component. */
export const scf = { deploy, remove };
