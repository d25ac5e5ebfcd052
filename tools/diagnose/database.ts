/**
 * Codes of PostgreSQL (documentation, appendix A) and of the system on the way to it. PostgreSQL's own messages name users
 * and hosts, so only the code is used.
 */
import type { DiagnosisTable } from "./table.ts";

/** Codes of connections and queries. */
export const databaseTable: DiagnosisTable = [
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
    "Grant the user the rights on schema and tables, or make it their owner.",
  ],
  [
    /^(53|57P03)/,
    "It has no free connection, or it is starting",
    "Raise its connection limit or wait, then run the doctor again.",
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
    "Give the certificate of its authority with sslrootcert in DATABASE_URL.",
  ],
];
