/** `npm run deploy -- --direct`: from a wish to functions in the cloud, in the order that they need. */
import { routes } from "../shared/http/routes.ts";
import { ProviderError } from "../shared/providers/provider-error.ts";
import { check } from "./checks.ts";
import type { Scf } from "./cloud/scf.ts";
import { addressOf } from "./cloud/scf-answers.ts";
import { type Deployment, type Environment, entryOf, functionName } from "./deployment.ts";
import { difference, type Observed, Unchangeable } from "./difference.ts";
import { apply, NotSettled, observe, type Patience } from "./direct/apply.ts";
import { nextSteps } from "./next-steps.ts";
import { plan } from "./plan.ts";
import { select } from "./selection.ts";
import { explain, wordsOf } from "./wording.ts";

/** What is deployed, with what, and who hears of it. */
export interface DirectDeploy {
  readonly deployment: Deployment;
  readonly env: Environment;
  /** Keys of functions; none means all that the environment configures. */
  readonly named: readonly string[];
  readonly dryRun: boolean;
  /** Builds, and answers the `index.js` of each function by key. */
  readonly build: () => Promise<Readonly<Record<string, Buffer>>>;
  /** Called once everything that can be checked before is right. */
  readonly connect: () => Scf;
  readonly patience: Patience;
  readonly nodeVersion: string;
  readonly say: (line: string) => void;
  /** Where what is wrong is told. */
  readonly complain: (line: string) => void;
}

/** The function whose address the others need to know. */
const landing = routes.landH5.function;

/** Stands for the address of `h5-landing` until it has one; `.invalid` never resolves (RFC 6761). */
const notYetKnown = "https://h5-landing.invalid";

/** Thrown when a function needs an address that nothing has. */
class NoAddress extends Error {
  override readonly name = "NoAddress";
}

/** Deploys. Answers the exit code: 0 all is as it shall be (or, dry, could be told), 1 something is wrong. */
export async function deployDirectly(wish: DirectDeploy): Promise<number> {
  const { deployment, env, say, complain } = wish;
  const { keys, leftOut, problems: unknown } = select(deployment, wish.named, env);
  let code: Readonly<Record<string, Buffer>> = {};
  const desiredOf = (key: string, publicUrl: string) =>
    plan(
      deployment,
      key,
      { ...env, PUBLIC_URL: env["PUBLIC_URL"] || publicUrl },
      code[key] ?? Buffer.alloc(0),
    );
  const examine = () =>
    check({
      ...{ deployment, env, nodeVersion: wish.nodeVersion },
      desired: keys.map((key) => desiredOf(key, notYetKnown)),
    });
  const refuse = (problems: readonly string[]): number => {
    const count = problems.length === 1 ? "One thing is" : `${problems.length} things are`;
    complain(`Nothing was deployed. ${count} wrong:`);
    for (const problem of problems) complain(`  - ${problem}`);
    return 1;
  };

  if (unknown.length > 0) return refuse(unknown);
  const found = examine();
  if (found.problems.length > 0) return refuse(found.problems);
  say(`Building ${keys.length === 1 ? keys[0] : `${keys.length} functions`}.`);
  code = await wish.build();
  const { problems } = examine(); // now with the code: its size
  if (problems.length > 0) return refuse(problems);
  for (const warning of found.warnings) say(`Note: ${warning}`);
  for (const { key, why } of leftOut) say(`Left out ${key}. ${why}`);

  const scf = wish.connect();
  const observed = new Map<string, Observed>();
  let publicUrl = "";
  let doing = "";
  try {
    for (const [index, key] of inOrder(keys).entries()) {
      doing = key;
      if (needsAddress(deployment, key) && !env["PUBLIC_URL"] && !publicUrl) {
        publicUrl = await landingUrl(wish, scf, observed.get(landing), keys.includes(landing));
      }
      const desired = desiredOf(key, publicUrl);
      const heading = `[${index + 1}/${keys.length}] ${desired.name}`;
      if (wish.dryRun) {
        const now = await observe(scf, desired.name, wish.patience);
        const steps = difference(desired, now);
        say(steps.length === 0 ? `${heading}: nothing would change` : `${heading}: would`);
        for (const step of steps) say(`    ${wordsOf(step)}`);
        observed.set(key, now);
        continue;
      }
      say(heading);
      const outcome = await apply(scf, desired, wish.patience, (step) => say(`    ${wordsOf(step)}`));
      say(outcome.steps === 0 ? "    is as it shall be" : "    done");
      observed.set(key, outcome.observed);
    }
  } catch (error) {
    complain(`${doing}: ${sentenceOf(error)}`);
    complain(
      wish.dryRun
        ? "Nothing was changed."
        : "The deploy stopped here. What is done is done; the same command goes on where it stopped.",
    );
    return 1;
  }
  if (wish.dryRun) say("Dry run: nothing was changed.");
  else for (const line of nextSteps({ deployment, env, observed, publicUrl })) say(line);
  return 0;
}

/** Whoever needs the landing page's address comes after the landing page. */
const inOrder = (keys: readonly string[]): string[] =>
  keys.toSorted((one, other) => Number(other === landing) - Number(one === landing));

const needsAddress = (deployment: Deployment, key: string): boolean =>
  Object.hasOwn(entryOf(deployment, key).environment, "PUBLIC_URL");

/** The address of `h5-landing` as the cloud has it; in a dry run of a first deploy there is none yet. */
async function landingUrl(
  { deployment, env, patience, dryRun, say }: DirectDeploy,
  scf: Scf,
  known: Observed | undefined,
  isDeployedToo: boolean,
): Promise<string> {
  const { triggers } = known ?? (await observe(scf, functionName(deployment, landing, env), patience));
  const url = urlOf({ triggers });
  if (url) return url;
  if (dryRun && isDeployedToo) {
    say(`    PUBLIC_URL is not set; it will be the address that ${landing} gets`);
    return notYetKnown;
  }
  throw new NoAddress(
    `PUBLIC_URL is not set and ${landing} has no address yet; deploy ${landing} first (npm run deploy -- --direct ${landing}), or set PUBLIC_URL.`,
  );
}

/** The public address of a function's URL, if it has one. */
function urlOf({ triggers }: Pick<Observed, "triggers">): string | undefined {
  return triggers.flatMap((trigger) => (trigger.Type === "http" ? (addressOf(trigger).url ?? []) : []))[0];
}

function sentenceOf(error: unknown): string {
  if (error instanceof ProviderError) return explain(error);
  if (error instanceof Unchangeable || error instanceof NotSettled || error instanceof NoAddress)
    return error.message;
  throw error;
}
