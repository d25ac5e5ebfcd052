/** What is sealed in a verification's row: how it is sealed for that row, and how it is opened and parsed again. */
import * as z from "zod/mini";
import type { Channel, Identity, IssuedToken, ObservedVerification } from "../channels/types.ts";
import { lookupHash, type MasterKey, type SealingKeys } from "../crypto/keyring.ts";
import { openJson, sealJson } from "../crypto/seal.ts";
import { listResultTokens } from "./result-tokens.ts";
import { withKeys } from "./row-keys.ts";
import type { VerificationRow } from "./schema.ts";
import { sealedColumns } from "./sealed-columns.ts";
import type { Sql } from "./sql.ts";

/** A person as sealed. */
export const identitySchema = z.object({ name: z.string(), idCardNumber: z.string() });
const issuedSchema = z.object({
  token: z.string(),
  start: z.record(z.string(), z.string()),
  account: z.record(z.string(), z.string()),
});

/** Seals a person for the row `id`. */
export const sealIdentity = (keys: SealingKeys, id: string, identity: Identity): Buffer =>
  sealJson(keys, sealedColumns.identity(id), identity);

/** Seals a token for the row `id`. */
export const sealIssued = (keys: SealingKeys, id: string, issued: IssuedToken): Buffer =>
  sealJson(keys, sealedColumns.issued(id), issued);

/** The keyed hash under which a person is counted and found again. */
export const personHash = (key: MasterKey, idCardNumber: string): Buffer =>
  lookupHash(key, "person", idCardNumber);

/** Opens the token of a row; `undefined` while the provider has not given one. Throws `DecryptionError`. */
export function openIssued(
  keys: SealingKeys,
  row: Pick<VerificationRow, "id" | "issued">,
): IssuedToken | undefined {
  return row.issued
    ? issuedSchema.parse(openJson(keys, sealedColumns.issued(row.id), row.issued))
    : undefined;
}

/**
 * Opens, with the keys of the row, what a channel needs to ask about it; `undefined` while it has no token. Throws `DecryptionError`, and
 * `MisconfiguredError` where a key is missing.
 */
export async function openObserved(
  db: Sql,
  keys: SealingKeys,
  row: VerificationRow,
  channel: Pick<Channel, "usesResultTokens">,
): Promise<ObservedVerification | undefined> {
  return withKeys(() => openWhole(db, keys, row, channel));
}

async function openWhole(
  db: Sql,
  keys: SealingKeys,
  row: VerificationRow,
  { usesResultTokens }: Pick<Channel, "usesResultTokens">,
): Promise<ObservedVerification | undefined> {
  const issued = openIssued(keys, row);
  if (!issued) return undefined;
  const base = { verificationId: row.id, owner: row.owner, createdAt: row.createdAt, issued };
  const found: ObservedVerification = usesResultTokens
    ? { ...base, resultTokens: await listResultTokens(db, keys, row.id) }
    : base;
  if (!row.identity) return found;
  const identity = identitySchema.parse(openJson(keys, sealedColumns.identity(row.id), row.identity));
  return { ...found, identity };
}
