/** `npm run deploy`: from a wish to functions in the cloud, in the order that they need. */
import { ProviderError } from "../../shared/providers/provider-error.ts";
import {
  addressesIn,
  chosenAddresses,
  lacks,
  landing,
  notYetKnown,
  urlOf,
  withAddresses,
} from "./addresses.ts";
import { check } from "./checks.ts";
import type { Cloud } from "./cloud/cloud.ts";
import type { Deployment, Environment } from "./deployment.ts";
import { difference, type Observed } from "./difference.ts";
import { deployDomain } from "./domain/deploy-domain.ts";
import { nextSteps } from "./next-steps.ts";
import { observe, type Patience } from "./observe.ts";
import { type DesiredFunction, plan } from "./plan.ts";
import { select } from "./selection.ts";
import { Stopped } from "./stopped.ts";
import type { Way } from "./way.ts";
import { explain, wordsOf } from "./wording.ts";

/** What is deployed, with what, and who hears of it. */
export interface Wish {
  readonly deployment: Deployment;
  readonly env: Environment;
  /** Keys of functions; none means all that the environment configures. */
  readonly named: readonly string[];
  readonly dryRun: boolean;
  readonly way: Way;
  /** Builds, and answers the `index.js` of each function by key. */
  readonly build: () => Promise<Readonly<Record<string, Buffer>>>;
  /** Called once everything that can be checked before is right. */
  readonly connect: () => Cloud;
  readonly patience: Patience;
  readonly nodeVersion: string;
  readonly say: (line: string) => void;
  /** Where what is wrong is told. */
  readonly complain: (line: string) => void;
}

/** Deploys. Answers the exit code: 0 all is as it shall be (or, dry, could be told), 1 something is wrong. */
export async function deploy(wish: Wish): Promise<number> {
  const { deployment, env, say, complain } = wish;
  const refuse = (problems: readonly string[]): number => {
    const count = problems.length === 1 ? "One thing is" : `${problems.length} things are`;
    complain(`Nothing was deployed. ${count} wrong:`);
    for (const problem of problems) complain(`  - ${problem}`);
    return 1;
  };

  const chosen = select(deployment, wish.named, env);
  if (chosen.problems.length > 0) return refuse(chosen.problems);
  const keys = inOrder(chosen.keys);
  const placeholders = withAddresses(env, { publicUrl: notYetKnown, ...chosenAddresses(env) });
  const examine = (code: Code) =>
    check({
      ...{ deployment, env, nodeVersion: wish.nodeVersion },
      desired: planned(wish, keys, placeholders, code),
    });
  const found = examine({});
  const problems = [...found.problems, ...wish.way.problems];
  if (problems.length > 0) return refuse(problems);
  say(`Building ${keys.length === 1 ? keys[0] : `${keys.length} functions`}.`);
  const code = await wish.build();
  const tooLarge = examine(code).problems; // now with the code: its size
  if (tooLarge.length > 0) return refuse(tooLarge);
  for (const note of [...found.warnings, ...wish.way.notes]) say(`Note: ${note}`);
  for (const { key, why } of chosen.leftOut) say(`Left out ${key}. ${why}`);

  try {
    await (wish.dryRun ? tell(wish, keys, code) : bring(wish, keys, code));
    return 0;
  } catch (error) {
    complain(sentenceOf(error));
    complain(
      wish.dryRun
        ? "Nothing was changed."
        : "The deploy stopped here. What is done is done; the same command goes on where it stopped.",
    );
    return 1;
  }
}

/** Whoever needs the landing page's address comes after the landing page. */
const inOrder = (keys: readonly string[]): string[] =>
  keys.toSorted((one, other) => Number(other === landing) - Number(one === landing));

type Code = Readonly<Record<string, Buffer>>;

const planned = ({ deployment }: Wish, keys: readonly string[], env: Environment, code: Code) =>
  keys.map((key) => plan(deployment, key, env, code[key] ?? Buffer.alloc(0)));

/** Counts the functions as they are told. */
function headings(count: number): (fn: DesiredFunction) => string {
  const told = new Map<string, number>();
  return ({ key, name }) => {
    told.set(key, told.get(key) ?? told.size + 1);
    return `[${told.get(key)}/${count}] ${name}`;
  };
}

/** A dry run: what would be done. */
async function tell(wish: Wish, keys: readonly string[], code: Code): Promise<void> {
  const { deployment, env, patience, say } = wish;
  const cloud = wish.connect();
  const heading = headings(keys.length);
  const addresses = await addressesIn(cloud, deployment, env, patience);
  const desired = planned(wish, keys, withAddresses(env, { publicUrl: notYetKnown, ...addresses }), code);
  for (const fn of desired) {
    const isLacking = lacks(addresses, deployment, fn);
    if (isLacking && !keys.includes(landing)) throw noAddress(wish);
    const steps = difference(fn, await observe(cloud.scf, fn.name, patience));
    say(`${heading(fn)}: ${steps.length === 0 ? "nothing would change" : "would"}`);
    for (const step of steps) say(`    ${wordsOf(step)}`);
    if (isLacking) say(`    its address is not known yet; it will be the one that ${landing} gets`);
  }
  await leadDomain(wish, cloud, keys, []);
  say("Dry run: nothing was changed.");
}

/** The landing page first, if others need an address that it has not got yet; then the others, or all at once. */
async function bring(wish: Wish, keys: readonly string[], code: Code): Promise<void> {
  const { deployment, env, patience, say, named } = wish;
  const cloud = wish.connect();
  const heading = headings(keys.length);
  const everyKey = new Set([...select(deployment, [], env).keys, ...keys]);
  const brought = new Map<string, Observed>();
  let addresses = await addressesIn(cloud, deployment, env, patience);
  const bringThese = async (these: readonly string[], completes: boolean) => {
    const known = withAddresses(env, addresses);
    const batch = {
      desired: planned(wish, these, known, code),
      whole: planned(wish, [...everyKey], known, code),
      ...{ completes, env: known, heading },
    };
    for (const [key, observed] of await wish.way.bring(cloud.scf, batch)) brought.set(key, observed);
  };
  const isLacking = () => planned(wish, keys, env, code).some((fn) => lacks(addresses, deployment, fn));
  if (isLacking()) {
    if (!keys.includes(landing)) throw noAddress(wish);
    await bringThese([landing], false);
    addresses = await addressesIn(cloud, deployment, env, patience, brought.get(landing));
    if (isLacking())
      throw new Stopped(`${landing} is there and has no address; look at its trigger in the console.`);
  }
  const left = keys.filter((key) => !brought.has(key));
  if (left.length > 0) await bringThese(left, named.length === 0);
  const urls = [...brought.values()].flatMap((observed) => urlOf(observed) ?? []);
  const domainSteps = await leadDomain(wish, cloud, keys, urls);
  for (const line of nextSteps({ env, addresses, brought, domainSteps })) say(line);
}

/** The domain of one's own, once its functions are there. Answers what a person has to do for it. */
function leadDomain(wish: Wish, cloud: Cloud, keys: readonly string[], urls: readonly string[]) {
  const { deployment, env, dryRun, patience, say, named } = wish;
  return deployDomain({
    ...{ deployment, env, dryRun, patience, say },
    addresses: urls,
    calls: cloud.domains,
    deployed: keys,
    leftOut: named.length > 0 ? [] : select(deployment, [], env).leftOut.map(({ key }) => key),
  });
}

const noAddress = ({ env }: Wish): Stopped =>
  new Stopped(
    `PUBLIC_URL is not set and ${landing} has no address yet; deploy ${landing} first, or set PUBLIC_URL${env["HTTP_TRIGGER"] === "apigw" ? " and APIGW_SERVICE_ID" : ""}.`,
  );

function sentenceOf(error: unknown): string {
  if (error instanceof ProviderError) return explain(error);
  if (error instanceof Stopped) return error.message;
  throw error;
}
