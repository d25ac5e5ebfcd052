/** Under which address users reach the functions: chosen, or made by the cloud with the first function and known only then. */
import { routes } from "../../shared/contract/routes.ts";
import type { Cloud } from "./cloud/cloud.ts";
import { addressOf, routeOf } from "./cloud/scf-answers.ts";
import { type Deployment, type Environment, entryOf, functionName, httpTriggerOf } from "./deployment.ts";
import type { Observed } from "./difference.ts";
import { domainSettings } from "./domain/settings.ts";
import { observe, type Patience } from "./observe.ts";
import type { DesiredFunction } from "./plan.ts";
import { gatewayEnvironment } from "./sls/gateway.ts";
import { Stopped } from "./stopped.ts";

/** The function whose address the others need to know, and which is deployed before them. */
export const landing = routes.landH5.function;

/** Stands for an address that there is not yet; `.invalid` never resolves (RFC 6761). */
export const notYetKnown = "https://h5-landing.invalid";

/** What is known of the addresses. */
export interface Addresses {
  /** What `PUBLIC_URL` is for the functions. */
  readonly publicUrl?: string;
  /** The service of the API Gateway that all functions are behind. */
  readonly serviceId?: string;
}

/** What is said without asking the cloud: `PUBLIC_URL`, or the domain of one's own. */
export function chosenAddresses(env: Environment): Addresses {
  const domain = domainSettings(env)?.domain;
  const publicUrl = env["PUBLIC_URL"] || (domain && `https://${domain}`);
  const serviceId = env["APIGW_SERVICE_ID"];
  return { ...(publicUrl && { publicUrl }), ...(serviceId && { serviceId }) };
}

/**
 * What is known once the cloud was asked. `known` is the landing function, if it was looked at already. Throws {@link Stopped}
 * if the service that was chosen is not there.
 */
export async function addressesIn(
  cloud: Cloud,
  deployment: Deployment,
  env: Environment,
  patience: Patience,
  known?: Observed,
): Promise<Addresses> {
  const chosen = chosenAddresses(env);
  const isGateway = httpTriggerOf(env) === "apigw";
  if (chosen.publicUrl && (!isGateway || chosen.serviceId)) return chosen;
  const look = () => observe(cloud.scf, functionName(deployment, landing, env), patience);
  if (!isGateway) {
    const publicUrl = urlOf(known ?? (await look()));
    return { ...(publicUrl && { publicUrl }) };
  }
  const serviceId = chosen.serviceId ?? serviceOf(known ?? (await look()));
  if (!serviceId) return chosen;
  const host = await cloud.gateway.hostOf(serviceId);
  if (!host) {
    throw new Stopped(
      `The API Gateway has no service ${serviceId} in this region; correct APIGW_SERVICE_ID, or unset it to have one made.`,
    );
  }
  return { serviceId, publicUrl: chosen.publicUrl ?? `https://${host}/${gatewayEnvironment}` };
}

/** Whether a function cannot be deployed before these are known. */
export function lacks(
  { publicUrl, serviceId }: Addresses,
  deployment: Deployment,
  fn: DesiredFunction,
): boolean {
  if (fn.key === landing) return false;
  const needsUrl = Object.hasOwn(entryOf(deployment, fn.key).environment, "PUBLIC_URL");
  const needsService = fn.triggers.some(({ type }) => type === "apigw");
  return (needsUrl && !publicUrl) || (needsService && !serviceId);
}

/** The environment with the addresses in it, as far as they are known. */
export const withAddresses = (env: Environment, { publicUrl, serviceId }: Addresses): Environment => ({
  ...env,
  ...(publicUrl && { PUBLIC_URL: publicUrl }),
  ...(serviceId && { APIGW_SERVICE_ID: serviceId }),
});

/** The public address of a function's URL, if it has one. */
export function urlOf({ triggers }: Pick<Observed, "triggers">): string | undefined {
  return triggers.flatMap((trigger) => (trigger.Type === "http" ? (addressOf(trigger).url ?? []) : []))[0];
}

function serviceOf({ triggers }: Pick<Observed, "triggers">): string | undefined {
  return triggers.flatMap((trigger) =>
    trigger.Type === "apigw" ? (routeOf(trigger)?.serviceId ?? []) : [],
  )[0];
}
