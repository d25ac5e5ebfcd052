/**
 * Makes the domain what it shall be: looks, does what differs, looks again, until nothing differs. It may die at any point
 * and be started again, for it never relies on what it did before, only on what is there.
 */
import { setTimeout as pause } from "node:timers/promises";
import type * as vendor from "tencentcloud-sdk-nodejs/tencentcloud/services/scf/v20180416/scf_models.js";
import { ProviderError } from "../../../shared/providers/provider-error.ts";
import type { Patience } from "../observe.ts";
import { Stopped } from "../stopped.ts";
import type { ObservedDomain } from "./answers.ts";
import { type DesiredDomain, type DomainStep, domainStep } from "./difference.ts";
import type { Domains } from "./domains.ts";
import type { Endpoint } from "./endpoints.ts";

/** One is enough; the others are for changes that somebody else makes meanwhile, and for an answer that lags behind. */
const rounds = 4;

/**
 * Makes the domain what it shall be. `tell` hears of each step before it is done. Returns how many steps it took. Throws
 * what the calls throw, and {@link Stopped}.
 */
export async function applyDomain(
  calls: Domains,
  desired: DesiredDomain,
  patience: Patience,
  tell: (step: DomainStep) => void,
): Promise<number> {
  for (let steps = 0; ; steps++) {
    if (steps > 0) await pause(patience.lookEveryMs);
    const observed = await calls.get(desired.domain);
    const step = domainStep(desired, observed);
    if (!step) return steps;
    if (steps === rounds) {
      throw new Stopped(
        `${desired.domain} does not become what it shall be; look at it in the console (SCF, Custom domain), then run the same command again.`,
      );
    }
    tell(step);
    await perform(calls, desired, step, observed);
  }
}

async function perform(
  calls: Domains,
  desired: DesiredDomain,
  { kind, endpoints }: DomainStep,
  observed: ObservedDomain | undefined,
): Promise<void> {
  const request = {
    Domain: desired.domain,
    Protocol: "HTTPS",
    CertConfig: { CertificateId: desired.certificateId },
    EndpointsConfig: endpoints.map(worded),
  };
  if (kind === "update-domain") return calls.update({ ...request, ...firewall(observed) });
  try {
    await calls.create(request);
  } catch (error) {
    // No code says that a domain is there already, as it is when an earlier try took effect without our hearing of it.
    if (!(error instanceof ProviderError) || !(await calls.get(desired.domain))) throw error;
  }
}

/** A firewall that somebody opened is named again: whether an update that leaves it out keeps it is written nowhere. */
function firewall(observed: ObservedDomain | undefined): Pick<vendor.UpdateCustomDomainRequest, "WafConfig"> {
  const { WafOpen, WafInstanceId } = observed?.WafConfig ?? {};
  return WafOpen === "OPEN" ? { WafConfig: { WafOpen, ...(WafInstanceId && { WafInstanceId }) } } : {};
}

const worded = ({ PathRewrite, ...entry }: Endpoint): vendor.EndpointsConf => ({
  ...entry,
  ...(PathRewrite && { PathRewrite: PathRewrite.map((rule) => ({ ...rule })) }),
});
