/** How the domain's steps, failures and next steps read on a terminal. */
import type { ProviderError } from "../../../shared/providers/provider-error.ts";
import { explain } from "../wording.ts";
import type { DomainStep } from "./difference.ts";

/** The step as a line says it. */
export function domainWords(step: DomainStep): string {
  const paths = step.endpoints.map(({ PathMatch }) => PathMatch).join(", ");
  return step.kind === "create-domain"
    ? `create the custom domain, https only: ${paths}`
    : `update the custom domain: ${step.changes.join(", ")}`;
}

/** What is known of where the domain leads. */
export interface DomainPlace {
  readonly domain: string;
  /** Such as `ap-guangzhou`. */
  readonly region: string;
  /** Addresses of function URLs, if any is known; they tell the account's number. */
  readonly addresses: readonly string[];
}

/**
 * What the domain's CNAME record has to hold: each account has one name in each region, `<AppId>.<region>.tencentscf.com`
 * (Tencent doc 583/64369). Function URLs begin with the AppId; without one a person has to fill it in.
 */
function cnameOf({ region, addresses }: DomainPlace): string {
  const [appId] = addresses.flatMap((url) => /^https:\/\/(\d+)-[^./]+\./.exec(url)?.slice(1) ?? []);
  return `${appId ?? "<AppId>"}.${region}.tencentscf.com`;
}

const record = (place: DomainPlace): string => `${place.domain} CNAME ${cnameOf(place)}`;

/** What to do about the failures that a first domain meets (codes: SDK for Go, scf v1.3.101, errors.go). */
const remedies: readonly (readonly [RegExp, (place: DomainPlace) => string])[] = [
  [
    /^FailedOperation\.CNAME$/,
    (place) =>
      `${place.domain} does not lead to the functions yet, and SCF binds it only then. Set this record at the domain's DNS provider: ${record(place)}. When it is known (minutes, at times an hour), run the same command again; the functions themselves are deployed.`,
  ],
  [
    /^InvalidParameterValue\.Domain$/,
    ({ domain, region }) =>
      `SCF does not take ${domain}. In a region of mainland China a domain needs an ICP filing (备案) that names Tencent Cloud as its provider: file it, or add Tencent Cloud to the filing there is. If it has one, look whether the domain is bound in another account, or in another region than ${region}.`,
  ],
  [
    /^(FailedOperation\.Ssl|\w+\.\w*Cert\w*)$/,
    ({ domain }) =>
      `CUSTOM_DOMAIN_CERTIFICATE does not name a certificate for ${domain}: look in the SSL console of this very account whether it is there, issued, not expired, and made out to this host name.`,
  ],
  [
    /^ResourceNotFound\.Function/,
    ({ domain }) =>
      `A path of ${domain} leads to a function that is not there any more; remove that path in the console (SCF, Custom domain), then run the same command again.`,
  ],
  [
    /^LimitExceeded/,
    () =>
      "The account has as many custom domains, or paths of one, as it may; remove some, or ask for a higher quota.",
  ],
];

/** A failed call about the domain as one paragraph: what, why as far as the code says it, what to do. */
export function explainDomain(error: ProviderError, place: DomainPlace): string {
  const [, remedy] = remedies.find(([code]) => code.test(error.code ?? "")) ?? [];
  if (!remedy) return explain(error);
  const id = error.requestId ? ` Request id for the vendor's support: ${error.requestId}.` : "";
  return `${error.message}. ${remedy(place)}${id}`;
}

/** What a person has to do for the domain itself; that it stands for all addresses, the deploy says with them. */
export const domainNextSteps = (place: DomainPlace): string[] => [
  `  - DNS: keep the record ${record(place)}; users reach all functions through it.`,
];
