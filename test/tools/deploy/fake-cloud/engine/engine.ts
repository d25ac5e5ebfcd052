/**
 * What Tencent's engine does with an instance: fills in the variables that the CLI leaves to it and runs the component. The
 * components are written after serverless-components/tencent-multi-scf 0.3.14 and tencent-scf 0.9.7, which are older than what
 * Tencent runs. The real engine works with short-lived keys of the role SLS_QcsRole, this one with the key that it was sent.
 */
import type { FakeScf } from "../fake-scf.ts";
import { multiScf } from "./multi-scf.ts";
import { scf } from "./scf.ts";
import type { Access, Toolkit } from "./toolkit.ts";

/** An instance as the platform keeps it. */
export interface Instance {
  readonly app: string;
  readonly stage: string;
  readonly name: string;
  status: "inactive" | "deploying" | "active" | "error";
  /** What the component keeps for its next run. */
  state: Record<string, unknown>;
  outputs: Record<string, unknown>;
  error?: string;
  /** All files by path. */
  readonly files: Map<string, Buffer>;
  /** An upload that no run has used yet. */
  changes?: Map<string, Buffer>;
  /** MD5 of each file by path, as the CLI wrote it. */
  sourceMap?: string;
}

/** What a component works with. */
export interface ComponentRun {
  readonly instance: Instance;
  readonly access: Access;
  readonly toolkit: Toolkit;
  /** The account; a function, because a test may replace it. */
  scf(): FakeScf;
  readonly failAt: { readonly at: string; readonly message: string } | undefined;
}

/** A component's inputs, with everything filled in. */
export type Inputs = Record<string, unknown>;

/** Runs a method and returns the outputs. Throws what the toolkit throws. */
export async function runComponent(
  component: string,
  method: string,
  inputs: Inputs,
  run: ComponentRun,
): Promise<Record<string, unknown>> {
  const components = { "multi-scf": multiScf, scf };
  const found = Object.hasOwn(components, component) && components[component as keyof typeof components];
  if (!found) throw new Error(`Component ${component} does not exist.`);
  if (method === "deploy") return await found.deploy(inputs, run);
  if (method === "remove") return await found.remove(inputs, run);
  throw new Error(`Component ${component} has no method ${method}.`);
}

/** Puts a function's files where `Code.CosBucketName` and `CosObjectName` find them, and returns both. */
export function store(run: ComponentRun, component: string, files: ReadonlyMap<string, Buffer>) {
  // The components zip the files and upload them with the toolkit's Cos, which makes the bucket if need be. Left out here:
  // COS is not under test, and would need one more fake API.
  const bucket = `sls-cloudfunction-${run.access.region}-code`;
  const object = `/${component}_component_${Math.random().toString(36).slice(2)}.zip`;
  run.scf().objects.set(`${bucket}${object}`, new Map(files));
  return { bucket, object };
}

/** Fails where the test asked for it. */
export function failIfAsked({ failAt }: ComponentRun, at: string): void {
  if (failAt?.at === at) throw new Error(failAt.message);
}

/** Fills in `${app}`, `${stage}` and `${name}`. */
export function resolved(inputs: Inputs, { app, stage, name }: Instance): Inputs {
  const own: Readonly<Record<string, string>> = { app, stage, name };
  const walk = (value: unknown): unknown => {
    if (typeof value === "string")
      return value.replaceAll(/\$\{(\w+)\}/g, (whole, key: string) => own[key] ?? whole);
    if (Array.isArray(value)) return value.map(walk);
    return value !== null && typeof value === "object" ? resolvedObject(value) : value;
  };
  const resolvedObject = (object: object): Inputs =>
    Object.fromEntries(Object.entries(object).map(([key, each]) => [key, walk(each)]));
  return resolvedObject(inputs);
}
