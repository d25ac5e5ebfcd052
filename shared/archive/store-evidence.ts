/**
 * Keeps the evidence of one verification, piece after piece, so that at most one video is in memory. Each piece is sealed
 * before it leaves the process, stored, read again and compared; the manifest comes last. A piece that cannot be had costs
 * none of the others: the manifest names what is missing, and a later run adds it.
 */

import { createHash } from "node:crypto";
import type { Channel, EvidenceKind, EvidencePiece, ObservedVerification } from "../channels/types.ts";
import type { MissingEvidence } from "../contract/verification.ts";
import type { SealingKeys } from "../crypto/keyring.ts";
import { seal } from "../crypto/seal.ts";
import type { CallBudget } from "../store/call-budget.ts";
import type { VerificationRow } from "../store/schema.ts";
import { sealedColumns } from "../store/sealed-columns.ts";
import { askForEvidence } from "./ask-provider.ts";
import type { Gate } from "./large-pieces.ts";
import {
  MANIFEST_NAME,
  type Manifest,
  type ManifestFile,
  objectName,
  pieceName,
  sealManifest,
  sha256,
} from "./manifest.ts";
import { type Gap, gapOf, missingOf, notThere, unreadable } from "./missing.ts";
import type { Lease } from "./queue.ts";
import { type EvidenceStore, EvidenceStoreError } from "./stores/evidence-store.ts";

/** What to keep, from which channel, and where. */
export interface StoreEvidenceOptions {
  readonly row: VerificationRow;
  readonly observed: ObservedVerification;
  readonly channel: Channel;
  readonly kinds: readonly EvidenceKind[];
  /** What an earlier run kept; only the rest is fetched. */
  readonly earlier: Manifest | undefined;
  /** Those of the row. */
  readonly keys: SealingKeys;
  readonly evidenceStore: EvidenceStore;
  readonly lease: Lease;
  readonly budget?: CallBudget | undefined;
  readonly largePieces: Gate;
  /** Aborts when the invocation is about to end. */
  readonly signal: AbortSignal;
}

/** Where the manifest lies, the SHA-256 of its stored bytes, and what it lacks. */
export interface StoredEvidence {
  readonly manifest: string;
  readonly manifestSha256: string;
  readonly archivedAt: Date;
  /** The kinds of which there is at least one file. */
  readonly archiveKinds: readonly EvidenceKind[];
  readonly archiveMissing: readonly MissingEvidence[] | null;
}

/** What came of it. */
export interface Kept {
  /** `undefined` if there is nothing that an earlier manifest does not say as well. */
  readonly stored: StoredEvidence | undefined;
  /** What could not be had. */
  readonly gaps: readonly Gap[];
}

/** The SHA-256 of what is stored under a name, read chunk by chunk; `undefined` if nothing is. */
async function storedSha256(evidenceStore: EvidenceStore, object: string): Promise<string | undefined> {
  const chunks = await evidenceStore.getStream(object);
  if (!chunks) return undefined;
  const hash = createHash("sha256");
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest("hex");
}

/** Stores an object and reads it again. Throws `EvidenceStoreError` if other bytes come back. */
export async function storeChecked(
  evidenceStore: EvidenceStore,
  object: string,
  sealed: Buffer,
): Promise<string> {
  const sent = sha256(sealed);
  await evidenceStore.put(object, sealed);
  if ((await storedSha256(evidenceStore, object)) !== sent) {
    throw new EvidenceStoreError(`${object} is not what was stored`);
  }
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
  await of.lease.assert(facts.stored.object);
  const sum = await storeChecked(of.evidenceStore, facts.stored.object, sealed);
  return { ...facts, stored: { ...facts.stored, sha256: sum } };
}

/** Whether the provider said how it ended: then it has written that down, too. */
const wasJudged = ({ status, reason, attempts }: VerificationRow): boolean =>
  status === "passed" || reason?.providerCode !== undefined || attempts > 0;

/** Whether the provider must have it: the text of a result that was read, and of a pass all but a card, which few flows show. */
const isExpected = (kind: EvidenceKind, row: VerificationRow): boolean =>
  kind === "text" ? wasJudged(row) : kind !== "id-card" && row.status === "passed";

/** A store that takes the small pieces and never the large one would keep back all of them: it may refuse one after this many leases. */
const PATIENT_TRIES = 2;

/** Stores the pieces that are not kept yet. Answers what the evidence store did not take. */
async function storePieces(
  of: StoreEvidenceOptions,
  pieces: EvidencePiece[],
  files: ManifestFile[],
): Promise<Gap[]> {
  const gaps: Gap[] = [];
  // Only what it is called: the piece itself would hold its bytes while they are stored.
  const first = () => pieces.slice(0, 1).map(({ kind, name }) => ({ kind, name }))[0];
  for (let next = first(); next; next = first()) {
    const { kind, name } = next;
    if (files.some((file) => file.name === name)) {
      pieces.shift();
      continue;
    }
    try {
      files.push(await storeFirst(of, pieces));
    } catch (error) {
      if (!(error instanceof EvidenceStoreError) || of.row.archiveTries <= PATIENT_TRIES) throw error;
      gaps.push(gapOf(kind, error));
    }
  }
  return gaps;
}

/** What could not be had, and what this flow cannot have. */
interface Rest {
  readonly gaps: Gap[];
  readonly excluded: readonly EvidenceKind[];
}

/** Fetches and stores the kinds `wanted`; adds to `files`. */
async function fetchAndStore(
  of: StoreEvidenceOptions,
  wanted: readonly EvidenceKind[],
  files: ManifestFile[],
): Promise<Rest> {
  const gaps: Gap[] = [];
  const excluded: EvidenceKind[] = [];
  for await (const fetched of askForEvidence(of.channel, of.observed, wanted, of.signal, of)) {
    of.lease.check();
    if ("error" in fetched) {
      gaps.push(...fetched.kinds.map((kind) => gapOf(kind, fetched.error)));
      continue;
    }
    excluded.push(...fetched.evidence.excluded);
    gaps.push(...fetched.evidence.unreadable.map(unreadable));
    gaps.push(...(await storePieces(of, fetched.evidence.pieces, files)));
  }
  const found = new Set([...files, ...gaps].map(({ kind }) => kind));
  const absent = wanted.filter((kind) => !found.has(kind) && !excluded.includes(kind));
  gaps.push(...absent.filter((kind) => isExpected(kind, of.row)).map(notThere));
  return { gaps, excluded };
}

/**
 * Fetches and stores all that can be had, and nothing that an earlier run has kept. Throws `EvidenceStoreError`,
 * `LeaseLostError`, and what the database throws; what was stored by then stays.
 */
export async function storeEvidence(of: StoreEvidenceOptions): Promise<Kept> {
  const { row, lease, earlier } = of;
  const files = [...(earlier?.files ?? [])];
  const wanted = earlier
    ? of.kinds.filter((kind) => earlier.missing.some((missing) => missing.kind === kind))
    : of.kinds;
  const { gaps, excluded } = await fetchAndStore(of, wanted, files);
  const missing = missingOf(gaps);
  const hasMore = earlier
    ? files.length > earlier.files.length || missing.length < earlier.missing.length
    : files.length > 0;
  if (!hasMore) return { stored: undefined, gaps };
  const kinds = (earlier?.kinds.map(({ kind }) => kind) ?? of.kinds).filter(
    (kind) => !excluded.includes(kind) || files.some((file) => file.kind === kind),
  );
  const counted = kinds.map((kind) => ({ kind, files: files.filter((file) => file.kind === kind).length }));
  const archivedAt = new Date();
  const sealed = sealManifest(of.keys, {
    version: 2,
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
    kinds: counted,
    files,
    missing: missing,
    earlier: earlier && row.manifest ? [...earlier.earlier, row.manifest] : [],
  });
  const manifest = objectName(row.id, lease.run, MANIFEST_NAME);
  await lease.assert(manifest);
  const manifestSha256 = await storeChecked(of.evidenceStore, manifest, sealed);
  const archiveMissing = missing.length > 0 ? missing : null;
  const archiveKinds = counted.filter((each) => each.files > 0).map(({ kind }) => kind);
  return { stored: { manifest, manifestSha256, archivedAt, archiveKinds, archiveMissing }, gaps };
}
