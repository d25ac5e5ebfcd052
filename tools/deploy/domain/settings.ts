/** The settings of the custom domain: one host of the customer's own in front of all HTTP functions. */
import { isIP } from "node:net";
import { type Environment, httpTriggerOf } from "../deployment.ts";

/** The custom domain, as set. */
export interface DomainSettings {
  /** The host name in lower case, such as `verify.shop.example`. */
  readonly domain: string;
  /** Id of its certificate in Tencent Cloud's SSL service, such as `BxxJ3DK7`. */
  readonly certificateId: string;
}

/** Letters, digits and hyphens between dots; at least two labels, the last one not a number (RFC 1123). */
const HOST_NAME = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$/;

/** RFC 1035. */
const MAX_NAME_BYTES = 253;

/** The settings as they are; `undefined` without a domain. {@link domainProblems} checks them. */
export function domainSettings(env: Environment): DomainSettings | undefined {
  const domain = env["CUSTOM_DOMAIN"];
  return domain ? { domain, certificateId: env["CUSTOM_DOMAIN_CERTIFICATE"] ?? "" } : undefined;
}

/** Everything that is wrong with the settings, before the first call; one sentence each, with what to do. */
export function domainProblems(env: Environment): string[] {
  const settings = domainSettings(env);
  if (!settings) {
    return env["CUSTOM_DOMAIN_CERTIFICATE"]
      ? ["CUSTOM_DOMAIN_CERTIFICATE is set, and CUSTOM_DOMAIN is not; set the host name too, or neither."]
      : [];
  }
  const wrongName = nameProblem(settings.domain);
  return [
    ...(wrongName ? [`CUSTOM_DOMAIN ${wrongName}.`] : publicUrlProblems(env, settings.domain)),
    ...certificateProblems(settings.certificateId),
    ...(httpTriggerOf(env) === "apigw"
      ? [
          "CUSTOM_DOMAIN needs function URLs, and HTTP_TRIGGER is apigw; set HTTP_TRIGGER to http, or bind the domain to the service in the API Gateway's console and unset CUSTOM_DOMAIN.",
        ]
      : []),
  ];
}

function nameProblem(name: string): string | undefined {
  const onlyHost = "set it to the host name alone, such as verify.shop.example";
  if (name.includes("://")) return `must not begin with a scheme such as https://; ${onlyHost}`;
  if (/[/?#@]/.test(name)) return `must not contain a path; ${onlyHost}`;
  if (name.includes("*"))
    return "must not contain a wildcard, which SCF does not accept; set it to one host name, such as verify.shop.example";
  if (isIP(name.replace(/^\[|\]$/g, "")) !== 0 || /^[\d.]+(:\d+)?$/.test(name))
    return "must not be an IP address; set it to a host name of your own, such as verify.shop.example";
  if (/:\d*$/.test(name)) return `must not contain a port, because SCF listens on 443; ${onlyHost}`;
  if (/[^ -~]/.test(name)) return "must be in ASCII; set it to its form that begins with xn--";
  if (/[A-Z]/.test(name))
    return "must be in lower case, because SCF compares it exactly; write it in lower case";
  if (!HOST_NAME.test(name) || name.length > MAX_NAME_BYTES)
    return "is not a host name; set it to one such as verify.shop.example";
  if (/\.(tencentscf|tencentcs|myqcloud)\.com$/.test(name))
    return "is an address of Tencent Cloud, which cannot be bound; set it to a host name of your own";
  return undefined;
}

function certificateProblems(id: string): string[] {
  const idHint = "the id of the domain's certificate in the SSL console, such as BxxJ3DK7";
  if (!id) {
    return [`CUSTOM_DOMAIN_CERTIFICATE is missing, and the domain serves https only; set it to ${idHint}.`];
  }
  // The value is never shown: somebody may have pasted a private key.
  if (!/^[A-Za-z0-9_-]{4,64}$/.test(id)) {
    return [`CUSTOM_DOMAIN_CERTIFICATE is not the id of a certificate; set it to ${idHint}.`];
  }
  return [];
}

/** The domain maps the routes as they are, so an address with a path of its own would match none. */
function publicUrlProblems(env: Environment, domain: string): string[] {
  const publicUrl = env["PUBLIC_URL"]?.replace(/\/+$/, "");
  if (!publicUrl || publicUrl === `https://${domain}`) return [];
  return [
    `PUBLIC_URL is not the address of CUSTOM_DOMAIN; leave it empty or set it to https://${domain}, or unset CUSTOM_DOMAIN.`,
  ];
}
