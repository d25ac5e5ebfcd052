/** At which address users reach the functions: a chosen one, or one that the cloud assigns with the first function. */
import { routes } from "../../shared/contract/routes.ts";
import { text } from "../language/index.ts";
import type { Cloud } from "./cloud/clients.ts";
import { type Observed, observe, type Polling } from "./cloud/scf.ts";
import { addressOf, routeOf } from "./cloud/scf-responses.ts";
import { DeployError } from "./deploy-error.ts";
import { type Deployment, type Environment, entryOf, functionName, httpTriggerOf } from "./deployment.ts";
import { domainSettings } from "./domain/settings.ts";
import type { DesiredFunction } from "./plan.ts";
import { GATEWAY_ENVIRONMENT } from "./sls/files.ts";

/** The function whose address the others need, and which is deployed before them. */
export const landingKey = routes.landH5.function;

/** Placeholder for an address that does not exist yet; `.invalid` never resolves (RFC 6761). */
export const PLACEHOLDER_URL = "https://h5-landing.invalid";

/** The addresses, as far as they are known. */
export interface Addresses {
  /** The `PUBLIC_URL` of the functions. */
  readonly publicUrl?: string;
  /** The service of the API Gateway that all functions are behind. */
  readonly serviceId?: string;
}

/** What the settings say: `PUBLIC_URL`, or the custom domain. */
export function chosenAddresses(env: Environment): Addresses {
  const domain = domainSettings(env)?.domain;
  const publicUrl = env["PUBLIC_URL"] || (domain && `https://${domain}`);
  const serviceId = env["APIGW_SERVICE_ID"];
  return { ...(publicUrl && { publicUrl }), ...(serviceId && { serviceId }) };
}

/**
 * What the settings and the cloud say. `known` is the landing function, if it has been observed already. Throws
 * {@link DeployError} if the chosen service does not exist.
 */
export async function addressesIn(
  cloud: Cloud,
  deployment: Deployment,
  env: Environment,
  polling: Polling,
  known?: Observed,
): Promise<Addresses> {
  const chosen = chosenAddresses(env);
  const isGateway = httpTriggerOf(env) === "apigw";
  if (chosen.publicUrl && (!isGateway || chosen.serviceId)) return chosen;
  const observeLanding = () => observe(cloud.scf, functionName(deployment, landingKey, env), polling);
  if (!isGateway) {
    const publicUrl = urlOf(known ?? (await observeLanding()));
    return { ...(publicUrl && { publicUrl }) };
  }
  const serviceId = chosen.serviceId ?? serviceOf(known ?? (await observeLanding()));
  if (!serviceId) return chosen;
  const host = await cloud.gateway.hostOf(serviceId);
  if (!host) {
    throw new DeployError(
      "refused",
      text(
        `The API Gateway has no service ${serviceId} in this region; correct APIGW_SERVICE_ID, or unset it to have one created.`,
        `该地域的 API 网关没有服务 ${serviceId}；请更正 APIGW_SERVICE_ID，或不设置它，由部署创建。`,
      ),
    );
  }
  return { serviceId, publicUrl: chosen.publicUrl ?? `https://${host}/${GATEWAY_ENVIRONMENT}` };
}

/** Whether a function cannot be deployed before more addresses are known. */
export function lacksAddress(
  { publicUrl, serviceId }: Addresses,
  deployment: Deployment,
  fn: DesiredFunction,
): boolean {
  if (fn.key === landingKey) return false;
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

/** Some function needs the landing page's address, and nothing says it. */
export function noAddress(env: Environment): DeployError {
  const settings =
    env["HTTP_TRIGGER"] === "apigw"
      ? text("PUBLIC_URL and APIGW_SERVICE_ID", "PUBLIC_URL 和 APIGW_SERVICE_ID")
      : "PUBLIC_URL";
  return new DeployError(
    "refused",
    text(
      `PUBLIC_URL is not set and ${landingKey} has no address yet; deploy ${landingKey} first, or set ${settings}.`,
      `没有设置 PUBLIC_URL，${landingKey} 也还没有地址；请先部署 ${landingKey}，或设置 ${settings}。`,
    ),
  );
}
