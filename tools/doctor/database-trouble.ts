/** Why a database does not answer, in words: PostgreSQL's own texts name users and hosts, so only codes are looked at. */
import { failed, type Outcome } from "./check.ts";

/** Codes of PostgreSQL (documentation, appendix A) and of the system. */
const troubles: readonly [codes: RegExp, why: string, remedy: string][] = [
  [
    /^28/,
    "It refuses the user or the password",
    "Correct user and password in DATABASE_URL; percent-encode special characters.",
  ],
  [
    /^3D000$/,
    "There is no database of that name",
    "Create the database, or correct the name at the end of DATABASE_URL.",
  ],
  [
    /^42501$/,
    "The user may not read it",
    "Grant the user the rights on schema and tables, or let it own them.",
  ],
  [
    /^(53|57P03)/,
    "It has no connection to spare, or is starting",
    "Raise its connection limit or wait, and run the doctor again.",
  ],
  [
    /^(ENOTFOUND|EAI_)/,
    "DNS does not know its host",
    "Correct the host; a name inside the VPC is known only there.",
  ],
  [
    /^ECONNREFUSED$/,
    "Nothing listens there",
    "Start the database, or correct host and port in DATABASE_URL.",
  ],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_/,
    "Its certificate is not trusted",
    "Give its authority's certificate with sslrootcert in DATABASE_URL.",
  ],
];

/** The outcome for an error of connecting or asking. */
export function databaseTrouble(error: unknown): Outcome {
  const code = sqlState(error);
  const known = troubles.find(([codes]) => codes.test(code));
  if (known) return failed(`${known[1]} (${code}).`, known[2]);
  return failed(
    `It does not answer${code && ` (${code})`}.`,
    "Look whether it runs, and whether its security group lets this machine in; one inside a VPC answers only there.",
  );
}

/** The code of an error, or of the one that caused it; empty if there is none. */
export function sqlState(error: unknown): string {
  for (let current = error; current instanceof Error; current = current.cause) {
    if ("code" in current && typeof current.code === "string") return current.code;
    if (current instanceof AggregateError) return sqlState(current.errors[0]);
  }
  return "";
}
