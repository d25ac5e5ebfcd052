/** What is sealed in a verification's row: how it is sealed for that row, and how it is opened and parsed again. */
import * as z from "zod";
import type { Channel, Identity, IssuedToken, ObservedVerification } from "../channels/types.ts";
import { type Keyring, lookupHash, type MasterKey } from "../crypto/keyring.ts";
import { MasterKeyMissingError, openJson, sealJson } from "../crypto/seal.ts";
import { MisconfiguredError } from "../runtime/errors.ts";
import { logAlarm } from "../runtime/log.ts";
import { listResultTokens } from "./result-tokens.ts";
import type { VerificationRow } from "./schema.ts";
import { sealedColumns } from "./sealed-columns.ts";
import type { Sql } from "./sql.ts";

const identitySchema = z.object({ name: z.string(), idCardNumber: z.string() });
const issuedSchema = z.object({
  token: z.string(),
  start: z.record(z.string(), z.string()),
  account: z.record(z.string(), z.string()),
});

/** Seals a person for the row `id`. */
export const sealIdentity = (keyring: Keyring, id: string, identity: Identity): Buffer =>
  sealJson(keyring, sealedColumns.identity(id), identity);

/** Seals a token for the row `id`. */
export const sealIssued = (keyring: Keyring, id: string, issued: IssuedToken): Buffer =>
  sealJson(keyring, sealedColumns.issued(id), issued);

/** The keyed hash under which a person is counted and found again. */
export const personHash = (key: MasterKey, idCardNumber: string): Buffer =>
  lookupHash(key, "person", idCardNumber);

/** Opens the token of a row; `undefined` while the provider has not given one. Throws `DecryptionError`. */
export function openIssued(keyring: Keyring, row: VerificationRow): IssuedToken | undefined {
  return row.issued
    ? issuedSchema.parse(openJson(keyring, sealedColumns.issued(row.id), row.issued))
    : undefined;
}

/**
 * Opens what a channel needs to ask about a row; `undefined` while it has no token. Throws `DecryptionError`, and
 * {@link MisconfiguredError} where a key is missing.
 */
export async function openObserved(
  db: Sql,
  keyring: Keyring,
  row: VerificationRow,
  channel: Pick<Channel, "usesResultTokens">,
): Promise<ObservedVerification | undefined> {
  return withKeys(() => openWhole(db, keyring, row, channel));
}

/**
 * Runs what opens sealed values. Where the key of one is missing from `MASTER_KEY`, the deployment is at fault: an alarm says
 * so, and {@link MisconfiguredError} names the key's id. The person's verification waits unharmed until the key is back.
 */
export async function withKeys<T>(work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof MasterKeyMissingError)) throw error;
    const { keyId } = error;
    logAlarm("master_key_missing", { keyId });
    const message = `lacks the key ${JSON.stringify(keyId)}, which sealed what is stored: append it again`;
    throw new MisconfiguredError([{ setting: "MASTER_KEY", message }], { cause: error });
  }
}

async function openWhole(
  db: Sql,
  keyring: Keyring,
  row: VerificationRow,
  { usesResultTokens }: Pick<Channel, "usesResultTokens">,
): Promise<ObservedVerification | undefined> {
  const issued = openIssued(keyring, row);
  if (!issued) return undefined;
  const base = { verificationId: row.id, owner: row.owner, createdAt: row.createdAt, issued };
  const found: ObservedVerification = usesResultTokens
    ? { ...base, resultTokens: await listResultTokens(db, keyring, row.id) }
    : base;
  if (!row.identity) return found;
  const identity = identitySchema.parse(openJson(keyring, sealedColumns.identity(row.id), row.identity));
  return { ...found, identity };
}
