/** What the environment says about the custom domain: one host of the customer's own in front of all HTTP functions. */
import { isIP } from "node:net";
import { type Environment, httpTriggerOf } from "../deployment.ts";

/** A custom domain that is wanted. */
export interface DomainSettings {
  /** The host name in small letters, such as `verify.shop.example`. */
  readonly domain: string;
  /** Id of its certificate in Tencent Cloud's SSL service, such as `BxxJ3DK7`. */
  readonly certificateId: string;
}

/** Letters, digits and hyphens between dots; two labels or more, the last one no number (RFC 1123). */
const hostName = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$/;

/** Bytes of a name in DNS (RFC 1035). */
const longestName = 253;

/** The wish as far as it is told; `undefined` if there is none. {@link domainProblems} says whether it is a right one. */
export function domainSettings(env: Environment): DomainSettings | undefined {
  const domain = env["CUSTOM_DOMAIN"];
  return domain ? { domain, certificateId: env["CUSTOM_DOMAIN_CERTIFICATE"] ?? "" } : undefined;
}

/** Everything that is wrong with the wish, before the first call; one sentence each, with what to do. */
export function domainProblems(env: Environment): string[] {
  const wanted = domainSettings(env);
  if (!wanted) {
    return env["CUSTOM_DOMAIN_CERTIFICATE"]
      ? ["CUSTOM_DOMAIN_CERTIFICATE is set, and CUSTOM_DOMAIN is not; set the host name too, or neither."]
      : [];
  }
  const wrongName = nameProblem(wanted.domain);
  return [
    ...(wrongName ? [`CUSTOM_DOMAIN ${wrongName}.`] : publicUrlProblems(env, wanted.domain)),
    ...certificateProblems(wanted.certificateId),
    ...(httpTriggerOf(env) === "apigw"
      ? [
          "CUSTOM_DOMAIN needs function URLs, and HTTP_TRIGGER is apigw; set HTTP_TRIGGER to http, or bind the domain to the service in the API Gateway's console and unset CUSTOM_DOMAIN.",
        ]
      : []),
  ];
}

function nameProblem(name: string): string | undefined {
  const alone = "set it to the host name alone, such as verify.shop.example";
  if (name.includes("://")) return `must not begin with https:// or the like; ${alone}`;
  if (/[/?#@]/.test(name)) return `must not hold a path; ${alone}`;
  if (name.includes("*"))
    return "must not hold a wildcard, which SCF does not take; set it to one host name, such as verify.shop.example";
  if (isIP(name.replace(/^\[|\]$/g, "")) !== 0 || /^[\d.]+(:\d+)?$/.test(name))
    return "must not be an IP address; set it to a host name of your own, such as verify.shop.example";
  if (/:\d*$/.test(name)) return `must not hold a port, SCF answers at 443; ${alone}`;
  if (/[^ -~]/.test(name)) return "must be written in ASCII; set it to its form that begins with xn--";
  if (/[A-Z]/.test(name)) return "must be in small letters, as SCF compares it letter by letter; write it so";
  if (!hostName.test(name) || name.length > longestName)
    return "is not a host name; set it to one such as verify.shop.example";
  if (/\.(tencentscf|tencentcs|myqcloud)\.com$/.test(name))
    return "is an address of Tencent Cloud's, which cannot be bound; set it to a host name of your own";
  return undefined;
}

function certificateProblems(id: string): string[] {
  const where = "the id of the domain's certificate in the SSL console, such as BxxJ3DK7";
  if (!id) {
    return [
      `CUSTOM_DOMAIN_CERTIFICATE is missing, and the domain answers by https only; set it to ${where}.`,
    ];
  }
  // The value is never shown: somebody may have pasted a private key.
  if (!/^[A-Za-z0-9_-]{4,64}$/.test(id)) {
    return [`CUSTOM_DOMAIN_CERTIFICATE is not the id of a certificate; set it to ${where}.`];
  }
  return [];
}

/** The map of the domain knows the routes as they are, so an address with a path of its own would lead nowhere. */
function publicUrlProblems(env: Environment, domain: string): string[] {
  const publicUrl = env["PUBLIC_URL"]?.replace(/\/+$/, "");
  if (!publicUrl || publicUrl === `https://${domain}`) return [];
  return [
    `PUBLIC_URL leads elsewhere than CUSTOM_DOMAIN; leave it empty or set it to https://${domain}, or unset CUSTOM_DOMAIN.`,
  ];
}
