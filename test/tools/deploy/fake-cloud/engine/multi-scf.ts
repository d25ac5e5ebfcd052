/** `component: multi-scf`: many functions out of one upload, after serverless-components/tencent-multi-scf 0.3.14. */
import * as z from "zod";
import { type ComponentRun, failIfAsked, type Inputs, store } from "./engine.ts";

const pair = z.object({ key: z.string(), value: z.unknown().optional() });
const faas = z.looseObject({
  type: z.string(),
  name: z.string().optional(),
  src: z.string().optional(),
  environments: z.array(pair).default([]),
  tags: z.array(pair).default([]),
  vpc: z.unknown().optional(),
});
const trigger = z.looseObject({
  type: z.string(),
  function: z.string().optional(),
  parameters: z.looseObject({}).default({}),
});
const multiScfInputs = z.looseObject({
  /** `--inputs function=<key>`: this one alone. */
  function: z.string().optional(),
  region: z.string().optional(),
  namespace: z.string().optional(),
  functions: z.record(z.string(), z.looseObject({})),
  triggers: z.array(trigger).default([]),
});

/** What the toolkit returns for a deployed function. */
const deployed = z.looseObject({
  Type: z.string(),
  FunctionName: z.string(),
  Timeout: z.number(),
  Namespace: z.string(),
  Runtime: z.string(),
  Handler: z.string(),
  MemorySize: z.number(),
});
const outputFunction = z.looseObject({ name: z.string(), triggers: z.unknown().optional() });
const outputTriggers = z.looseObject({ name: z.string(), triggers: z.array(z.looseObject({})) });
const bulk = z.object({ triggerList: z.array(outputTriggers) });
const multiScfState = z.looseObject({
  functions: z.array(outputFunction).default([]),
  triggers: z.array(outputTriggers).default([]),
});

/** A function's inputs as the toolkit takes them. */
function formatted(common: Inputs, key: string, own: Inputs, run: ComponentRun) {
  const { instance } = run;
  const { environments, tags, vpc, ...rest } = faas.parse({ ...common, ...own });
  const name = rest.name ?? `${instance.name}-${instance.stage}-${instance.app}-${key}`;
  return {
    ...rest,
    key,
    name,
    // A pair without a value keeps its key: the toolkit makes the text "undefined" of it.
    environment: { variables: Object.fromEntries(environments.map((each) => [each.key, each.value])) },
    tags: Object.fromEntries(tags.map((each) => [each.key, each.value])),
    ...(vpc !== undefined && { vpcConfig: vpc }),
  };
}

/** A function's own files: those whose path *contains* its folder's name, then those that lie in the folder. */
function cutOut(files: ReadonlyMap<string, Buffer>, src: string | undefined): ReadonlyMap<string, Buffer> {
  if (src === undefined) return files;
  const folder = src.replace("./", "");
  const found = [...files]
    .filter(([path]) => path.includes(folder))
    .filter(([path]) => path.startsWith(`${folder}/`))
    .map(([path, bytes]) => [path.slice(folder.length + 1), bytes] as const);
  if (found.length === 0) throw new Error("指定 src 目录为空");
  return new Map(found);
}

async function deploy(given: Inputs, run: ComponentRun) {
  const inputs = multiScfInputs.parse(given);
  const { function: only, namespace = "default" } = inputs;
  const defaults = { type: "event", runtime: "Nodejs12.16", description: "Created by Serverless" };
  const { src: _, ...common }: Inputs = { ...defaults, ...given, namespace };
  const all = Object.entries(inputs.functions).map(([key, own]) => formatted(common, key, own, run));
  const wanted = only === undefined ? all : all.filter(({ key }) => key === only);
  if (wanted.length === 0) throw new Error(`指定函数别名(${only})不存在`);
  const uploaded = wanted.map((each) => ({
    ...each,
    code: store(run, "multi-scf", cutOut(run.instance.files, each.src)),
  }));
  const triggers = inputs.triggers.flatMap((each) => {
    // The component accepts them, and then drops the setting that we need.
    if (each.type === "apigw")
      throw new Error("apigw triggers of multi-scf lose isIntegratedResponse: use component scf");
    const target = all.find(({ key }) => key === each.function);
    if (!target) throw new Error(`Function ${each.function} not in deploy list`);
    const fn = { name: target.name, type: target.type, namespace };
    return only === undefined || target.key === only ? [{ ...each, namespace, function: fn }] : [];
  });

  const functions = [];
  for (const each of uploaded) {
    failIfAsked(run, each.key);
    const made = deployed.parse(await run.toolkit.do("deployFunction", run.access, each));
    const described = {
      key: each.key,
      region: run.access.region,
      type: made.Type,
      name: made.FunctionName,
      timeout: made.Timeout,
      namespace: made.Namespace,
      runtime: made.Runtime,
      handler: made.Handler,
      memorySize: made.MemorySize,
    };
    functions.push(described);
  }
  const { triggerList } = bulk.parse(await run.toolkit.do("createTriggers", run.access, triggers, namespace));

  const old = multiScfState.parse(run.instance.state);
  const merged = {
    functions: only === undefined ? functions : laidOver(old.functions, functions),
    triggers: only === undefined ? triggerList : laidOver(old.triggers, triggerList),
  };
  run.instance.state = {
    region: run.access.region,
    triggers: merged.triggers,
    functions: merged.functions.map((each) => ({
      ...each,
      triggers: merged.triggers.find(({ name }) => name === each.name)?.triggers,
    })),
  };
  return { region: run.access.region, functions, triggers: triggerList };
}

function laidOver<T extends { name: string }, U extends { name: string }>(
  old: readonly T[],
  fresh: readonly U[],
) {
  return [...old.filter(({ name }) => !fresh.some((each) => each.name === name)), ...fresh];
}

/** Removes every function that was deployed. */
async function remove(_given: Inputs, run: ComponentRun) {
  const { functions } = multiScfState.parse(run.instance.state);
  const removals = functions.map((each) =>
    run.toolkit.do("removeFunction", run.access, { ...each, functionName: each.name, isAutoRelease: false }),
  );
  await Promise.all(removals);
  run.instance.state = {};
  return {};
}

/** The component. */
export const multiScf = { deploy, remove };
