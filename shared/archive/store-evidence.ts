/**
 * Keeps the evidence of one verification, piece after piece. Each is sealed before it leaves the process, stored, read again and
 * compared, and large ones are while they come from the provider; the manifest comes last. A piece that cannot be had costs none
 * of the others: the manifest names what is missing, and a later run adds it.
 */
import type { EvidenceKind } from "../channels/types.ts";
import type { MissingEvidence } from "../contract/verification.ts";
import type { CallBudget } from "../store/call-budget.ts";
import type { VerificationRow } from "../store/schema.ts";
import { askForEvidence } from "./ask-provider.ts";
import { MANIFEST_NAME, type Manifest, type ManifestFile, objectName, sealManifest } from "./manifest.ts";
import { type Gap, gapOf, missingOf, notThere, unreadable } from "./missing.ts";
import { storeChecked } from "./store-object.ts";
import { fetchKinds, type StorePiecesOptions, storePieces } from "./store-pieces.ts";

/** What to keep, from which channel, and where. */
export interface StoreEvidenceOptions extends StorePiecesOptions {
  readonly kinds: readonly EvidenceKind[];
  /** What an earlier run kept; only the rest is fetched. */
  readonly earlier: Manifest | undefined;
  readonly budget?: CallBudget | undefined;
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

/** Whether the provider said how it ended: then it has written that down, too. */
const wasJudged = ({ status, reason, attempts }: VerificationRow): boolean =>
  status === "passed" || reason?.providerCode !== undefined || attempts > 0;

/** Whether the provider must have it: the text of a result that was read, and of a pass all but a card, which few flows show. */
const isExpected = (kind: EvidenceKind, row: VerificationRow): boolean =>
  kind === "text" ? wasJudged(row) : kind !== "id-card" && row.status === "passed";

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
  const ask = (kinds: readonly EvidenceKind[]) => fetchKinds(of, kinds, files);
  for await (const fetched of askForEvidence(of.channel, ask, wanted, of)) {
    of.lease.check();
    if ("error" in fetched) {
      gaps.push(...fetched.kinds.map((kind) => gapOf(kind, fetched.error)));
      continue;
    }
    excluded.push(...fetched.evidence.excluded);
    gaps.push(...fetched.evidence.unreadable.map(unreadable));
    gaps.push(...(await storePieces(of, fetched.evidence, files)));
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
  await lease.note([manifest]);
  const { sha256: manifestSha256 } = await storeChecked(of.evidenceStore, manifest, sealed);
  const archiveMissing = missing.length > 0 ? missing : null;
  const archiveKinds = counted.filter((each) => each.files > 0).map(({ kind }) => kind);
  return { stored: { manifest, manifestSha256, archivedAt, archiveKinds, archiveMissing }, gaps };
}
