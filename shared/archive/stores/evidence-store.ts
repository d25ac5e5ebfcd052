/** The evidence store: where sealed evidence lies. A folder on this machine, or object storage behind the same few words. */

/**
 * Keeps objects by name. Names are segments of letters, digits, `_`, `-` and inner dots, joined by `/`. Every method
 * throws {@link EvidenceStoreError} and nothing else.
 */
export interface EvidenceStore {
  /** Stores an object whole or not at all, and answers when it would survive a power cut. */
  put(name: string, bytes: Buffer): Promise<void>;
  /** The same with bytes as they come; a few megabytes of them are in memory. Throws besides what the stream throws. */
  putStream(name: string, chunks: AsyncIterable<Uint8Array>): Promise<void>;
  /** The stored bytes; `undefined` if there is no such object. */
  get(name: string): Promise<Buffer | undefined>;
  /** The stored bytes as they come; `undefined` if there is no such object. Iterate it, to the end or with a `break`. */
  getStream(name: string): Promise<AsyncIterable<Buffer> | undefined>;
  /**
   * Names that begin with `prefix` (empty, or ending in `/`), sorted within a folder. What a crash left half written is
   * listed too, so that it can be removed. For commands alone: functions have no right to list a bucket.
   */
  list(prefix: string): AsyncIterable<string>;
  /** Removes an object, also one that a crash left half written; removing what is not there is no error. */
  remove(name: string): Promise<void>;
}

/** Thrown when the evidence store does not do what it was asked: it is full, gone, slow, or gave back other bytes. Later may work. */
export class EvidenceStoreError extends Error {
  override readonly name = "EvidenceStoreError";
  /** The code of the system or of the object storage, such as `ENOSPC`, if there is one. */
  readonly code?: string;

  /** After how long the same may work, where the object storage says it. */
  readonly retryAfterSeconds?: number;

  constructor(message: string, options: { cause?: unknown; code?: string; retryAfterSeconds?: number } = {}) {
    super(message, { cause: options.cause });
    if (options.code) this.code = options.code;
    if (options.retryAfterSeconds !== undefined) this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

const segment = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;

/** Refuses names that could leave the evidence store (`..`, an empty or absolute segment, a backslash) or hide in it. */
export function checkObjectName(name: string): string {
  if (name.length > 512 || !name.split("/").every((part) => segment.test(part))) {
    throw new EvidenceStoreError("not a name for an object in the evidence store");
  }
  return name;
}
