/** Through the pinned serverless CLI: renders what it needs, lets it deploy, and believes only what SCF says afterwards. */
import type { Scf } from "../cloud/scf.ts";
import { type Deployment, httpTriggerOf } from "../deployment.ts";
import { difference, type Observed } from "../difference.ts";
import { observe, type Patience } from "../observe.ts";
import type { DesiredFunction } from "../plan.ts";
import { Stopped } from "../stopped.ts";
import type { Batch, Way } from "../way.ts";
import { wordsOf } from "../wording.ts";
import { bundleFiles } from "./bundle.ts";
import { cliNotes, cliProblems, pinnedFolder, programOf } from "./cli.ts";
import { gatewayFiles } from "./gateway.ts";
import type { RenderedFile, Rendering } from "./rendering.ts";
import { runCli } from "./run.ts";
import { type Asked, failureOf } from "./verdict.ts";

/** How the CLI is called. */
export interface SlsOptions {
  readonly deployment: Deployment;
  readonly patience: Patience;
  readonly say: (line: string) => void;
  /** Where the CLI is installed; the pinned one unless a test says otherwise. */
  readonly folder?: string;
  /** Where a shell would look for another one. */
  readonly path?: string;
}

/** How much of what a failed CLI said is shown at the end, results and all. */
const lastLines = 40;

/** One call of the CLI. */
interface Call {
  readonly args: readonly string[];
  readonly asked: Asked;
}

/** Makes the way. */
export function slsWay({ deployment, patience, say, folder = pinnedFolder, path }: SlsOptions): Way {
  const look = async (scf: Scf, desired: readonly DesiredFunction[]) => {
    const found: { fn: DesiredFunction; observed: Observed }[] = [];
    for (const fn of desired) found.push({ fn, observed: await observe(scf, fn.name, patience) });
    return found;
  };
  return {
    problems: cliProblems(folder, path),
    notes: cliNotes(path),
    async bring(scf, batch) {
      const before = await look(scf, batch.desired);
      refuseForeignTriggers(before);
      let count = 0;
      for (const { fn, observed } of before) {
        const steps = difference(fn, observed);
        say(`${batch.heading(fn)}: ${steps.length === 0 ? "is as it shall be" : "shall change"}`);
        for (const step of steps) say(`    ${wordsOf(step)}`);
        count += steps.length;
      }
      if (count === 0) return byKey(before);
      const files = render({ deployment, env: batch.env, desired: batch.whole });
      for (const { args, asked } of calls(batch)) {
        say(`sls ${args.join(" ")}`);
        const end = await runCli({
          ...{ program: programOf(folder), args, files, env: batch.env },
          giveUpAfterMs: patience.giveUpAfterMs,
          say: (line) => say(`  | ${line}`),
        });
        const failure = failureOf(end, asked);
        if (failure) {
          for (const line of end.output.split("\n").slice(-lastLines)) say(`  | ${line}`);
          throw new Stopped(failure);
        }
      }
      const after = await look(scf, batch.desired);
      const wrong = after.flatMap(({ fn, observed }) =>
        difference(fn, observed).map((step) => `${fn.name}: ${wordsOf(step)}`),
      );
      if (wrong.length > 0) {
        throw new Stopped(
          `The serverless CLI says that it deployed, but SCF does not have what it should. To do: ${wrong.join("; ")}. npm run deploy -- --direct does just that.`,
        );
      }
      return byKey(after);
    },
  };
}

/** The files for the trigger that `HTTP_TRIGGER` names. */
export const render = (rendering: Rendering): readonly RenderedFile[] =>
  httpTriggerOf(rendering.env) === "apigw" ? gatewayFiles(rendering) : bundleFiles(rendering);

/** All in one piece where that is meant; otherwise one by one, so that nobody else's function is touched. */
function calls({ desired, completes, whole, env }: Batch): readonly Call[] {
  const isGateway = httpTriggerOf(env) === "apigw";
  if (completes) {
    return [{ args: ["deploy"], asked: { instances: isGateway ? whole.length : "one" } }];
  }
  return desired.map(({ key }) => ({
    args: ["deploy", ...(isGateway ? ["--target", `./${key}`] : ["--inputs", `function=${key}`])],
    asked: { instances: "one" },
  }));
}

/** What the components would delete without a word, because their files do not list it. */
function refuseForeignTriggers(found: readonly { fn: DesiredFunction; observed: Observed }[]): void {
  const foreign = found.flatMap(({ fn, observed }) => {
    const own = new Set([...fn.triggers.map(({ type }) => type), "timer", "http"]);
    return observed.triggers
      .filter(({ Type }) => !own.has(Type))
      .map(({ Type, TriggerName }) => ({ fn, Type, TriggerName }));
  });
  const [first] = foreign;
  if (!first) return;
  throw new Stopped(
    `${first.fn.name} has a trigger that serverless.yml does not list (${first.Type} ${first.TriggerName}), and the serverless CLI would delete it. Delete it yourself if nobody needs it, or use --direct, which leaves it alone.`,
  );
}

const byKey = (found: readonly { fn: DesiredFunction; observed: Observed }[]) =>
  new Map(found.map(({ fn, observed }) => [fn.key, observed]));
