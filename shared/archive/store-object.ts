/** Stores one object of the archive and proves it: what was stored is read again and compared. */
import { createHash } from "node:crypto";
import type { SealingKeys } from "../crypto/keyring.ts";
import { seal, sealStream } from "../crypto/seal.ts";
import { sealedColumns } from "../store/sealed-columns.ts";
import { type ManifestFile, objectName } from "./manifest.ts";
import { type EvidenceStore, EvidenceStoreError } from "./stores/evidence-store.ts";
import { notePassed } from "./young-buffers.ts";

/** Size and SHA-256 of bytes. */
export interface Digest {
  readonly size: number;
  readonly sha256: string;
}

/** Measures bytes that go by. */
export class Meter {
  readonly #hash = createHash("sha256");
  #size = 0;

  update(chunk: Uint8Array): void {
    this.#size += chunk.length;
    notePassed(chunk.length);
    this.#hash.update(chunk);
  }

  async *through<T extends Uint8Array>(chunks: AsyncIterable<T>): AsyncGenerator<T> {
    for await (const chunk of chunks) {
      this.update(chunk);
      yield chunk;
    }
  }

  /** May be called once. */
  digest(): Digest {
    return { size: this.#size, sha256: this.#hash.digest("hex") };
  }
}

async function digestOf(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Digest> {
  const meter = new Meter();
  for await (const chunk of chunks) meter.update(chunk);
  return meter.digest();
}

/** Stores an object and reads it again. Throws `EvidenceStoreError` if other bytes come back, and what `bytes` throws. */
export async function storeChecked(
  evidenceStore: EvidenceStore,
  object: string,
  bytes: Buffer | AsyncIterable<Buffer>,
): Promise<Digest> {
  const meter = new Meter();
  if (Buffer.isBuffer(bytes)) {
    meter.update(bytes);
    await evidenceStore.put(object, bytes);
  } else await evidenceStore.putStream(object, meter.through(bytes));
  const sent = meter.digest();
  const stored = await digestOf((await evidenceStore.getStream(object)) ?? []);
  if (stored.sha256 !== sent.sha256) throw new EvidenceStoreError(`${object} is not what was stored`);
  return sent;
}

/** Where a piece of evidence belongs. */
export interface PiecePlace {
  readonly verificationId: string;
  readonly run: string;
  readonly name: string;
}

/** Seals a piece of evidence, whole or as it comes, stores it, and reads it again. Throws as {@link storeChecked} does. */
export async function storeSealed(
  evidenceStore: EvidenceStore,
  keys: SealingKeys,
  { verificationId, run, name }: PiecePlace,
  bytes: Buffer | AsyncIterable<Buffer>,
): Promise<Pick<ManifestFile, "size" | "sha256" | "stored">> {
  const plain = new Meter();
  const context = sealedColumns.evidence(verificationId, run, name);
  if (Buffer.isBuffer(bytes)) plain.update(bytes);
  const sealed = Buffer.isBuffer(bytes)
    ? seal(keys, context, bytes)
    : sealStream(keys, context, plain.through(bytes));
  const object = objectName(verificationId, run, name);
  const stored = await storeChecked(evidenceStore, object, sealed);
  return { ...plain.digest(), stored: { object, ...stored } };
}
