/**
 * Takes the pieces of one answer: large ones are sealed and stored while it comes, so that none of them is in memory as a whole,
 * and the others when it is there.
 */
import type {
  Channel,
  EvidenceFile,
  EvidenceKind,
  EvidenceStream,
  FetchedEvidence,
  ObservedVerification,
} from "../channels/types.ts";
import type { SealingKeys } from "../crypto/keyring.ts";
import type { VerificationRow } from "../store/schema.ts";
import type { Fetched } from "./ask-provider.ts";
import { MANIFEST_NAME, type ManifestFile, objectName, pieceName } from "./manifest.ts";
import { type Gap, gapOf } from "./missing.ts";
import type { Lease } from "./queue.ts";
import { storeSealed } from "./store-object.ts";
import { type EvidenceStore, EvidenceStoreError } from "./stores/evidence-store.ts";

/** Whose pieces, from which channel, and where they are kept. */
export interface StorePiecesOptions {
  readonly row: VerificationRow;
  readonly observed: ObservedVerification;
  readonly channel: Channel;
  /** Those of the row. */
  readonly keys: SealingKeys;
  readonly evidenceStore: EvidenceStore;
  readonly lease: Lease;
  /** Aborts when the invocation is about to end. */
  readonly signal: AbortSignal;
}

/** The chunks, as long as the lease is held. */
async function* whileHeld(lease: Lease, chunks: AsyncIterable<Buffer>) {
  for await (const chunk of chunks) {
    lease.check();
    yield chunk;
  }
}

const objectOf = ({ lease }: StorePiecesOptions, name: string) => objectName(lease.id, lease.run, name);

/** Stores one piece. Throws `EvidenceStoreError`, `LeaseLostError`, what the database throws, and what `bytes` does. */
async function storePiece(
  of: StorePiecesOptions,
  { kind, mediaType, ...piece }: EvidenceFile,
  bytes: Buffer | AsyncIterable<Buffer>,
): Promise<ManifestFile> {
  const { id, run } = of.lease;
  const name = pieceName.parse(piece.name);
  const place = { verificationId: id, run, name };
  await of.lease.note([objectOf(of, name)]);
  const held = Buffer.isBuffer(bytes) ? bytes : whileHeld(of.lease, bytes);
  return {
    kind,
    name,
    mediaType,
    ...(await storeSealed(of.evidenceStore, of.keys, place, held)),
  };
}

/** A store that takes the small pieces and never the large one would keep back all of them: it may refuse one after this many leases. */
const PATIENT_TRIES = 2;

/** What one question brought. */
interface Brought extends FetchedEvidence {
  /** What was stored while the answer came. */
  readonly stored: readonly ManifestFile[];
  /** What the evidence store did not take. */
  readonly gaps: Gap[];
}

/** Notes what the evidence store does not take; throws what is not its own trouble, or what it may still mend. */
function noteRefusal({ row }: StorePiecesOptions, gaps: Gap[], kind: EvidenceKind, error: unknown): void {
  if (!(error instanceof EvidenceStoreError) || row.archiveTries <= PATIENT_TRIES) throw error;
  gaps.push(gapOf(kind, error));
}

/** Stores large pieces while they come from the provider. */
function intake(of: StorePiecesOptions, files: readonly ManifestFile[]) {
  const stored = new Map<string, ManifestFile>(); // by name: an answer that broke off is asked for again
  const refused: { readonly kind: EvidenceKind; readonly error: unknown }[] = [];
  const underWay = new Set<Promise<void>>();
  let isOver = false;

  async function store({ chunks, ...file }: EvidenceStream): Promise<void> {
    if (files.some(({ name }) => name === file.name)) return;
    let broken: unknown;
    const watched = async function* () {
      try {
        yield* chunks;
      } catch (error) {
        broken = error;
        throw error;
      }
    };
    try {
      stored.set(file.name, await storePiece(of, file, watched()));
    } catch (error) {
      if (error === broken) throw error;
      refused.push({ kind: file.kind, error }); // the rest of the answer is read all the same
    }
  }
  return {
    takeLarge(file: EvidenceStream): Promise<void> {
      if (isOver) return Promise.reject(new Error("the call is over"));
      const work = store(file).finally(() => underWay.delete(work));
      underWay.add(work);
      return work;
    },
    /** What was stored; a call that ran out of time does not wait for it, so this does. */
    async end() {
      isOver = true;
      await Promise.allSettled(underWay);
      return { stored: [...stored.values()], refused };
    },
  };
}

/**
 * Asks for kinds in one call. What was stored of an answer that broke off does not count and is removed. Throws what is not the
 * provider's trouble.
 */
export async function fetchKinds(
  of: StorePiecesOptions,
  kinds: readonly EvidenceKind[],
  files: readonly ManifestFile[],
): Promise<Fetched<Brought>> {
  const { takeLarge, end } = intake(of, files);
  let fetched: FetchedEvidence | undefined;
  let failure: unknown;
  try {
    fetched = await of.channel.fetchEvidence(of.observed, kinds, { signal: of.signal, takeLarge });
  } catch (error) {
    failure = error;
  }
  const { stored, refused } = await end();
  const gaps: Gap[] = [];
  for (const { kind, error } of refused) noteRefusal(of, gaps, kind, error);
  if (fetched) return { kinds, evidence: { ...fetched, stored, gaps } };
  for (const file of stored) await of.evidenceStore.remove(file.stored.object);
  return { kinds, error: failure };
}

/** Stores the pieces that are not kept yet. Answers what the evidence store did not take. */
export async function storePieces(
  of: StorePiecesOptions,
  { pieces, stored, gaps }: Brought,
  files: ManifestFile[],
): Promise<Gap[]> {
  files.push(...stored);
  const isKept = (name: string) => files.some((file) => file.name === name);
  const names = pieces.map(({ name }) => pieceName.parse(name)).filter((name) => !isKept(name));
  // The manifest will follow.
  if (names.length > 0)
    await of.lease.note([...new Set([...names, MANIFEST_NAME])].map((name) => objectOf(of, name)));
  for (const { bytes, ...file } of pieces) {
    if (isKept(file.name)) continue;
    try {
      files.push(await storePiece(of, file, bytes));
    } catch (error) {
      noteRefusal(of, gaps, file.kind, error);
    }
  }
  return gaps;
}
