/** Codes of DNS, TCP and TLS, as `fetch` gives them in the cause of its error. */
import type { DiagnosisTable } from "./table.ts";

/** Codes of requests that got no response. */
export const networkTable: DiagnosisTable = [
  [/^(ENOTFOUND|EAI_)/, "DNS does not know its name", "Correct the name, or add its DNS record."],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME/,
    "Its certificate is not valid",
    "Install a certificate for this name with its whole chain, from an authority that browsers trust.",
  ],
];
