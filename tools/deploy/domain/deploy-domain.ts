/** The custom domain's part of a deploy, after the functions are there; the same for both ways of deploying. */
import { ProviderError } from "../../../shared/providers/provider-error.ts";
import { type Deployment, type Environment, placeOf } from "../deployment.ts";
import type { Patience } from "../observe.ts";
import { Stopped } from "../stopped.ts";
import { applyDomain } from "./apply.ts";
import { type DeployedKeys, desiredDomain, domainStep } from "./difference.ts";
import type { Domains } from "./domains.ts";
import { domainSettings } from "./settings.ts";
import { domainNextSteps, domainWords, explainDomain } from "./wording.ts";

/** What is deployed, with what, and who hears of it. */
export interface DomainDeploy extends DeployedKeys {
  readonly deployment: Deployment;
  /** Without problems, as `domainProblems` told before the first call. */
  readonly env: Environment;
  readonly dryRun: boolean;
  /** Addresses of function URLs, as far as they are known; they tell the account's number. */
  readonly addresses: readonly string[];
  readonly calls: Domains;
  readonly patience: Patience;
  readonly say: (line: string) => void;
}

/**
 * Makes the domain what it shall be, or tells, dry, what would be done. Answers the lines that a person has to follow
 * afterwards. Does nothing if no domain is wanted. Throws {@link Stopped} with what to do if it fails.
 */
export async function deployDomain(wish: DomainDeploy): Promise<string[]> {
  const { deployment, env, calls, say } = wish;
  const settings = domainSettings(env);
  if (!settings) return [];
  const { domain } = settings;
  const place = { domain, region: placeOf(deployment, env).region, addresses: wish.addresses };
  const desired = desiredDomain(deployment, env, settings, wish);
  try {
    if (wish.dryRun) {
      const step = domainStep(desired, await calls.get(domain));
      say(`${domain}: ${step ? "would" : "nothing would change"}`);
      if (step) say(`    ${domainWords(step)}`);
    } else {
      say(domain);
      const steps = await applyDomain(calls, desired, wish.patience, (step) =>
        say(`    ${domainWords(step)}`),
      );
      say(steps === 0 ? "    is as it shall be" : "    done");
    }
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    throw new Stopped(`${domain}: ${explainDomain(error, place)}`, { cause: error });
  }
  return domainNextSteps(place);
}
