/**
 * Keeps the evidence of one verification: kind after kind, piece after piece, so that at most one video is in memory. Each
 * piece is sealed before it leaves the process, stored, read again and compared; the manifest comes last.
 */

import type { Channel, EvidenceKind, EvidencePiece, ObservedVerification } from "../channels/types.ts";
import type { SealingKeys } from "../crypto/keyring.ts";
import { seal } from "../crypto/seal.ts";
import { cautiousNow } from "../providers/server-clock.ts";
import type { VerificationRow } from "../store/schema.ts";
import { sealedColumns } from "../store/sealed-columns.ts";
import { EvidenceNotReadyError, isPurged } from "./failure.ts";
import {
  MANIFEST_NAME,
  type Manifest,
  type ManifestFile,
  objectName,
  pieceName,
  sealManifest,
  sha256,
} from "./manifest.ts";
import type { Lease } from "./queue.ts";
import { type EvidenceStore, EvidenceStoreError } from "./stores/evidence-store.ts";

/** What to keep, from which channel, and where. */
export interface StoreEvidenceOptions {
  readonly row: VerificationRow;
  readonly observed: ObservedVerification;
  readonly channel: Channel;
  readonly kinds: readonly EvidenceKind[];
  /** Those of the row. */
  readonly keys: SealingKeys;
  readonly evidenceStore: EvidenceStore;
  readonly lease: Lease;
  /** Aborts when the invocation is about to end. */
  readonly signal: AbortSignal;
}

/** Where the manifest lies and the SHA-256 of its stored bytes. */
export interface StoredEvidence {
  readonly manifest: string;
  readonly manifestSha256: string;
  readonly archivedAt: Date;
}

/** Stores an object and reads it again. Throws `EvidenceStoreError` if other bytes come back. */
async function storeChecked(evidenceStore: EvidenceStore, object: string, sealed: Buffer): Promise<string> {
  const sent = sha256(sealed);
  await evidenceStore.put(object, sealed);
  const stored = await evidenceStore.get(object);
  if (!stored || sha256(stored) !== sent) throw new EvidenceStoreError(`${object} is not what was stored`);
  return sent;
}

/** Takes the first piece out of the list and seals it, so that nothing holds the plain bytes while they are stored. */
function sealFirst(
  of: StoreEvidenceOptions,
  pieces: EvidencePiece[],
): { facts: ManifestFile; sealed: Buffer } {
  const [piece] = pieces.splice(0, 1);
  if (!piece) throw new Error("no piece left to seal");
  const { id, run } = of.lease;
  const { kind, mediaType, bytes } = piece;
  const name = pieceName.parse(piece.name);
  const sealed = seal(of.keys, sealedColumns.evidence(id, run, name), bytes);
  const stored = { object: objectName(id, run, name), size: sealed.length, sha256: "" };
  return { facts: { kind, name, mediaType, size: bytes.length, sha256: sha256(bytes), stored }, sealed };
}

async function storeFirst(of: StoreEvidenceOptions, pieces: EvidencePiece[]): Promise<ManifestFile> {
  const { facts, sealed } = sealFirst(of, pieces);
  await of.lease.assert();
  const sum = await storeChecked(of.evidenceStore, facts.stored.object, sealed);
  return { ...facts, stored: { ...facts.stored, sha256: sum } };
}

/** Whether the provider said how it ended: then it has written that down, too. */
const wasJudged = ({ status, reason, attempts }: VerificationRow): boolean =>
  status === "passed" || reason?.providerCode !== undefined || attempts > 0;

/**
 * Throws {@link EvidenceNotReadyError} if a kind is empty that cannot be: the text of a result that was read, or everything
 * about a person who passed. After the purge, what is there is better than nothing.
 */
function requireExpected({ row }: StoreEvidenceOptions, kinds: Manifest["kinds"], files: number): void {
  const hasNoText = kinds.some(({ kind, files: count }) => kind === "text" && count === 0) && wasJudged(row);
  const isEmpty = files === 0 && kinds.length > 0 && (hasNoText || row.status === "passed");
  if (isEmpty || (hasNoText && !isPurged(row, cautiousNow()))) {
    throw new EvidenceNotReadyError("the provider gave nothing of what it must have");
  }
}

/**
 * Fetches and stores everything; answers where the manifest is, or `undefined` if the provider has nothing to keep.
 * Throws `ProviderError`, `EvidenceStoreError`, `EvidenceNotReadyError`, `LeaseLostError`, and what the database throws; what was stored by then stays.
 */
export async function storeEvidence(of: StoreEvidenceOptions): Promise<StoredEvidence | undefined> {
  const { row, lease } = of;
  const kinds: Manifest["kinds"] = [];
  const files: ManifestFile[] = [];
  for (const kind of of.kinds) {
    await lease.assert();
    const pieces = await of.channel.fetchEvidence(of.observed, kind, { signal: of.signal });
    kinds.push({ kind, files: pieces.length });
    while (pieces.length > 0) files.push(await storeFirst(of, pieces));
  }
  requireExpected(of, kinds, files.length);
  if (files.length === 0) return undefined;
  const twice = files.find((file, index) => files.findIndex((other) => other.name === file.name) !== index);
  if (twice) throw new Error(`the channel gave two pieces of evidence the name ${twice.name}`);
  const archivedAt = new Date();
  const sealed = sealManifest(of.keys, {
    version: 1,
    verificationId: row.id,
    run: lease.run,
    channel: row.channel,
    status: row.status,
    resultCode: row.reason?.providerCode ?? null,
    createdAt: row.createdAt.toISOString(),
    settledAt: row.settledAt?.toISOString() ?? null,
    archivedAt: archivedAt.toISOString(),
    purgeAt: row.purgeAt?.toISOString() ?? null,
    keyId: of.keys.current.id,
    kinds,
    files,
  });
  await lease.assert();
  const manifest = objectName(row.id, lease.run, MANIFEST_NAME);
  return { manifest, manifestSha256: await storeChecked(of.evidenceStore, manifest, sealed), archivedAt };
}
