/** Proves that the archive is what its rows say: every object read again, every hash compared, every seal opened. */

import { openDataKey } from "../crypto/data-key.ts";
import type { Keyring, SealingKeys } from "../crypto/keyring.ts";
import { DecryptionError, openerOf } from "../crypto/seal.ts";
import { ProviderError } from "../providers/provider-error.ts";
import type { Database } from "../store/database.ts";
import type { VerificationRow } from "../store/schema.ts";
import { sealedColumns } from "../store/sealed-columns.ts";
import { archivedAfter, findVerification } from "../store/verifications.ts";
import {
  folderOfRun,
  folderOfVerification,
  type Manifest,
  type ManifestFile,
  openManifest,
  runOfManifest,
  runOfObject,
  sha256,
} from "./manifest.ts";
import { RECEIPTS_FOLDER } from "./receipt.ts";
import { Meter } from "./store-object.ts";
import { type EvidenceStore, EvidenceStoreError } from "./stores/evidence-store.ts";

/** What an audit reads. */
export interface AuditDeps {
  readonly db: Database;
  readonly keyring: Keyring;
  readonly evidenceStore: EvidenceStore;
  /** The time by which leases live, in milliseconds; the machine's own if absent. */
  readonly now?: () => number;
}

/** A manifest, and what opens the evidence that it lists. */
export interface OpenedManifest {
  readonly manifest: Manifest;
  readonly keys: SealingKeys;
}

/** A problem that the audit found; free of personal data. */
export interface AuditFinding {
  readonly verificationId: string;
  /** The object, without its folders; `undefined` when it is about the row. */
  readonly object: string | undefined;
  readonly problem: string;
}

const PAGE_SIZE = 200;
const orphan = "in the evidence store, but in no manifest";
const verificationId = /^ver_[A-Za-z0-9-]+$/;
const shortName = (object: string) => object.split("/").at(-1) ?? object;

/** Thrown for evidence that is not what its manifest says. Free of personal data. */
export class EvidenceBrokenError extends Error {
  override readonly name = "EvidenceBrokenError";

  constructor(
    what: string,
    /** What it is, such as `missing`. */
    readonly problem: string,
  ) {
    super(`${what} is ${problem}`);
  }
}

/**
 * The evidence of one file as it is read, its object checked against the manifest and opened. It is evidence once the last byte
 * has come. Throws {@link EvidenceBrokenError}, `DecryptionError` and `EvidenceStoreError`.
 */
export async function* readEvidence(
  { evidenceStore }: Pick<AuditDeps, "evidenceStore">,
  { manifest: { verificationId }, keys }: OpenedManifest,
  file: ManifestFile,
): AsyncGenerator<Buffer> {
  const broken = (problem: string) => new EvidenceBrokenError(file.name, problem);
  const chunks = await evidenceStore.getStream(file.stored.object);
  if (!chunks) throw broken("missing");
  const run = runOfObject(verificationId, file.stored.object);
  const opener = openerOf(keys, sealedColumns.evidence(verificationId, run ?? "", file.name));
  const [stored, plain] = [new Meter(), new Meter()];
  let refusal: unknown;
  // An object that was changed says so, and not only that it does not open: so it is read to its end.
  const opened = (next: () => Buffer): Buffer => {
    if (refusal) return Buffer.alloc(0);
    try {
      const bytes = next();
      plain.update(bytes);
      return bytes;
    } catch (error) {
      refusal = error;
      return Buffer.alloc(0);
    }
  };
  for await (const chunk of chunks) {
    stored.update(chunk);
    yield opened(() => opener.update(chunk));
  }
  const object = stored.digest();
  if (object.size !== file.stored.size) {
    throw broken(`changed (${object.size} bytes instead of ${file.stored.size})`);
  }
  if (object.sha256 !== file.stored.sha256) throw broken("changed (SHA-256 differs)");
  if (run === undefined) throw broken("not an object of this verification");
  yield opened(() => opener.final());
  if (refusal) throw refusal;
  if (plain.digest().sha256 !== file.sha256) {
    throw broken("not the evidence that was sealed (SHA-256 differs)");
  }
}

/** The manifest of an archived row, checked against it, or what is wrong with it. Throws `EvidenceStoreError`, and `ProviderError` where KMS does not answer. */
export async function manifestOf(
  deps: Omit<AuditDeps, "db">,
  row: VerificationRow,
): Promise<OpenedManifest | { problem: string }> {
  const run = row.manifest === null ? undefined : runOfManifest(row.id, row.manifest);
  if (row.manifest === null || run === undefined) return { problem: "the row names no manifest" };
  const sealed = await deps.evidenceStore.get(row.manifest);
  if (!sealed) return { problem: "missing" };
  if (sha256(sealed) !== row.manifestSha256) return { problem: "changed (SHA-256 differs)" };
  try {
    const keys = await openDataKey(deps.keyring, row.id, row.dataKey);
    return { manifest: openManifest(keys, row.id, run, sealed), keys };
  } catch (error) {
    if (error instanceof ProviderError) throw error;
    return {
      problem: error instanceof DecryptionError ? `does not open: ${error.message}` : "not a manifest",
    };
  }
}

/** Runs one check; a seal or an evidence store that refuses is what is wrong. */
async function checked(work: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DecryptionError) return `does not open: ${error.message}`;
    if (error instanceof EvidenceBrokenError) return error.problem;
    if (error instanceof EvidenceStoreError) return `cannot be read: ${error.message}`;
    throw error;
  }
}

const about = (row: { readonly id: string }, object: string, problem: string): AuditFinding => ({
  verificationId: row.id,
  object: shortName(object),
  problem,
});

async function listed(evidenceStore: EvidenceStore, prefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const name of evidenceStore.list(prefix)) names.push(name);
  return names;
}

/** Where a run that lives is just storing, if one is. */
function livingFolder({ now = Date.now }: AuditDeps, row: VerificationRow): string | undefined {
  const isLeased = (row.archiveLeaseUntil?.getTime() ?? 0) > now();
  return row.archiveRun && isLeased ? folderOfRun(row.id, row.archiveRun) : undefined;
}

/** Checks the manifest, every object that it names, and that nothing else lies beside them. */
async function findingsOf(deps: AuditDeps, row: VerificationRow): Promise<AuditFinding[]> {
  const findings: AuditFinding[] = [];
  let opened: OpenedManifest | undefined;
  const wrong = await checked(async () => {
    const found = await manifestOf(deps, row);
    if ("problem" in found) return found.problem;
    opened = found;
    return undefined;
  });
  if (wrong) findings.push(about(row, row.manifest ?? "manifest", wrong));
  const named = new Set([row.manifest, ...(opened?.manifest.earlier ?? [])]);
  if (opened) {
    for (const file of opened.manifest.files) {
      named.add(file.stored.object);
      const trusted = opened;
      const problem = await checked(async () => {
        for await (const _ of readEvidence(deps, trusted, file));
        return undefined;
      });
      if (problem) findings.push(about(row, file.stored.object, problem));
    }
  }
  // Without its manifest, what lies in the folder of its run is not to be told from what does not belong there.
  const run = row.manifest === null ? undefined : runOfManifest(row.id, row.manifest);
  const spared = [livingFolder(deps, row), opened || !run ? undefined : folderOfRun(row.id, run)];
  for (const name of await listed(deps.evidenceStore, folderOfVerification(row.id))) {
    if (named.has(name) || spared.some((folder) => folder && name.startsWith(folder))) continue;
    findings.push(about(row, name, orphan));
  }
  return findings;
}

/** Objects of a verification that is not archived, unless a run that lives is just storing them. */
async function orphansOf(
  deps: AuditDeps,
  id: string,
  row: VerificationRow | undefined,
  names: readonly string[],
): Promise<AuditFinding[]> {
  const living = row && livingFolder(deps, row);
  const suspects = names.filter((name) => !living || !name.startsWith(living));
  if (suspects.length === 0) return [];
  // A run that gave the verification back meanwhile has removed its objects before it did.
  const still = new Set(await listed(deps.evidenceStore, folderOfVerification(id)));
  return suspects.filter((name) => still.has(name)).map((name) => about({ id }, name, orphan));
}

/** Audits one verification, whatever its state. Throws `EvidenceStoreError` when the evidence store cannot even be listed. */
export async function auditVerification(deps: AuditDeps, id: string): Promise<AuditFinding[]> {
  const names = await listed(deps.evidenceStore, folderOfVerification(id));
  const row = await findVerification(deps.db, id);
  if (row?.archiveStatus !== "archived") return orphansOf(deps, id, row, names);
  const findings = await findingsOf(deps, row);
  if (findings.length === 0) return findings;
  const now = await findVerification(deps.db, id); // erased while we were reading: then nothing is wrong
  return now?.manifest === row.manifest ? findings : [];
}

/** Audits every archived verification, then looks for objects of others. `onAudited` is called after each archived one. */
export async function* audit(
  deps: AuditDeps,
  onAudited: () => void = () => {},
): AsyncGenerator<AuditFinding> {
  for (let after = ""; ; ) {
    const rows = await archivedAfter(deps.db, after, PAGE_SIZE);
    for (const { id } of rows) {
      yield* await auditVerification(deps, id);
      onAudited();
      after = id;
    }
    if (rows.length < PAGE_SIZE) break;
  }
  let last: string | undefined;
  for await (const name of deps.evidenceStore.list("")) {
    if (name.startsWith(RECEIPTS_FOLDER)) continue;
    const [id = name, ...inside] = name.split("/");
    if (inside.length === 0 || !verificationId.test(id)) {
      yield about({ id }, name, orphan); // put there by somebody else
      continue;
    }
    if (id === last) continue;
    last = id;
    const row = await findVerification(deps.db, id);
    if (row?.archiveStatus !== "archived") yield* await auditVerification(deps, id);
  }
}
