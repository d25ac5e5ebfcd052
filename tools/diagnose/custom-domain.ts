/** Codes of SCF about custom domains (SDK for Go, scf v1.3.101, errors.go). */
import type { DiagnosisTable } from "./table.ts";

/** `{domain}`, `{region}` and `{record}`, the DNS record that the domain needs, are the caller's. */
export const customDomainTable: DiagnosisTable = [
  [
    /^FailedOperation\.CNAME$/,
    "{domain} does not point to the functions yet, and SCF binds it only then",
    "Set this record at the domain's DNS provider: {record}. Once it has spread (minutes, sometimes an hour), run the same command again; the functions themselves are deployed.",
  ],
  [
    /^InvalidParameterValue\.Domain$/,
    "SCF does not accept {domain}",
    "In a region of mainland China a domain needs an ICP filing (备案) that names Tencent Cloud as its provider: file it, or add Tencent Cloud to the existing filing. If it has one, check whether the domain is bound in another account, or in another region than {region}.",
  ],
  [
    /^(FailedOperation\.Ssl|\w+\.\w*Cert\w*)$/,
    "CUSTOM_DOMAIN_CERTIFICATE does not name a certificate for {domain}",
    "Check in the SSL console of this account that it exists, is issued, has not expired, and names this host.",
  ],
  [
    /^ResourceNotFound\.Function/,
    "A path of {domain} points to a function that no longer exists",
    "Remove that path in the console (SCF, Custom domain), then run the same command again.",
  ],
  [
    /^LimitExceeded/,
    "The account has as many custom domains, or paths of one, as it may have",
    "Remove some, or ask for a higher quota.",
  ],
];
