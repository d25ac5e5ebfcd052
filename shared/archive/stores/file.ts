/** The evidence store in a folder: one file an object, readable by nobody else. */
import { type FileHandle, mkdir, open, readdir, readFile, rename, rmdir, unlink } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { checkObjectName, type EvidenceStore, EvidenceStoreError } from "./evidence-store.ts";

/** How much of an object is read or written at a time. */
const BLOCK_BYTES = 256 * 1024;

/** What an object is called while it is being written; a crash may leave it behind. */
const PARTIAL_SUFFIX = ".part";

const codeOf = (error: unknown) =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown";

/** What an operator has to do about the codes that waiting alone does not mend. */
const explanations: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EACCES: "no permission",
  EPERM: "no permission",
  EROFS: "the file system is read-only",
  EMFILE: "too many open files",
};

/** A failure of the caller's own stream, which is not the store's. */
class SourceError extends Error {
  constructor(override readonly cause: unknown) {
    super("the stream of bytes to store failed");
  }
}

/** Runs a file operation; whatever the system says becomes a `EvidenceStoreError` that names the object. */
async function withStoreErrors<T>(what: string, name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof EvidenceStoreError) throw cause;
    if (cause instanceof SourceError) throw cause.cause;
    const code = codeOf(cause);
    const why = explanations[code] === undefined ? code : `${explanations[code]}, ${code}`;
    throw new EvidenceStoreError(`cannot ${what} ${name || "the evidence store"} (${why})`, { cause, code });
  }
}

async function closeAfter(handle: FileHandle, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } finally {
    await handle.close();
  }
}

/** Makes a directory's own entries durable: a new file is otherwise forgotten in a power cut, whole as it is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  await closeAfter(handle, () => handle.sync());
}

/** Makes the folders that are missing, durable up to the first one that was there before. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

/** The chunks, with a mark on what their source throws. */
async function* marked(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (cause) {
    throw new SourceError(cause);
  }
}

/** The bytes, more at a time: to begin and to end a write takes longer than the copy. */
async function* inGroups(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>) {
  const group: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    group.push(chunk);
    size += chunk.length;
    if (size < BLOCK_BYTES) continue;
    yield joined(group.splice(0));
    size = 0;
  }
  if (size > 0) yield joined(group);
}

const joined = (group: readonly Uint8Array[]): Uint8Array =>
  group.length === 1 && group[0] ? group[0] : Buffer.concat(group);

async function write(path: string, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
  const partial = path + PARTIAL_SUFFIX;
  const handle = await openInFolder(partial);
  try {
    await closeAfter(handle, async () => {
      for await (const group of inGroups(chunks)) await handle.writeFile(group);
      await handle.sync();
    });
    await rename(partial, path);
  } catch (error) {
    // On a full disk, what is half written is what others lack the room for.
    await unlink(partial).catch(() => {});
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Another run may remove a folder, empty for a moment, between our making it and using it. */
const MAX_FOLDER_TRIES = 3;

/** Opens a new file, in a folder that is made if it is missing. */
async function openInFolder(path: string): Promise<FileHandle> {
  for (let tries = 1; ; tries += 1) {
    try {
      if (tries > 1) await makeFolder(dirname(path));
      return await open(path, "w", 0o600);
    } catch (error) {
      if (codeOf(error) !== "ENOENT" || tries === MAX_FOLDER_TRIES) throw error;
    }
  }
}

/** Removes folders that have become empty, from the innermost outwards, never the root itself. */
async function removeEmptyFolders(root: string, from: string): Promise<void> {
  for (let folder = from; folder !== root; folder = dirname(folder)) {
    try {
      await rmdir(folder);
    } catch {
      return; // not empty: somebody else's objects are in it
    }
  }
}

/** Lists the files under a folder; a folder that is not there, or goes away meanwhile, is empty. */
async function* walk(root: string, folder: string): AsyncGenerator<string> {
  const entries = await withStoreErrors("list", relative(root, folder), () =>
    readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      if (codeOf(error) === "ENOENT") return [];
      throw error;
    }),
  );
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(root, path);
    else yield relative(root, path).split(sep).join("/");
  }
}

/** The bytes of an open file; it is closed when they have been read or the iteration ends. */
async function* readChunks(name: string, handle: FileHandle): AsyncGenerator<Buffer> {
  try {
    let { size: left } = await handle.stat();
    while (left > 0) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(Math.min(left, BLOCK_BYTES)));
      if (bytesRead === 0) return;
      left -= bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } catch (cause) {
    await withStoreErrors("read", name, () => Promise.reject(cause));
  } finally {
    await handle.close().catch(() => {});
  }
}

/** An evidence store in the folder `root` (absolute); it is made with the first object. Folders are 0700, files 0600. */
export function fileStore(root: string): EvidenceStore {
  const pathOf = (name: string) => join(root, ...checkObjectName(name).split("/"));
  const put = (name: string, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>) =>
    withStoreErrors("store", name, () => write(pathOf(name), chunks));
  return {
    put: (name, bytes) => put(name, [bytes]),
    putStream: (name, chunks) => put(name, marked(chunks)),
    get: (name) =>
      withStoreErrors("read", name, async () => {
        try {
          return await readFile(pathOf(name));
        } catch (error) {
          if (codeOf(error) === "ENOENT") return undefined;
          throw error;
        }
      }),
    getStream: (name) =>
      withStoreErrors("read", name, async () => {
        const handle = await open(pathOf(name)).catch((error: unknown) => {
          if (codeOf(error) === "ENOENT") return undefined;
          throw error;
        });
        return handle && readChunks(name, handle);
      }),
    list: (prefix) => walk(root, prefix === "" ? root : pathOf(prefix.replace(/\/$/, ""))),
    remove: (name) =>
      withStoreErrors("remove", name, async () => {
        const path = pathOf(name);
        for (const file of [path, path + PARTIAL_SUFFIX]) {
          await unlink(file).catch((error: unknown) => {
            if (codeOf(error) !== "ENOENT") throw error;
          });
        }
        await removeEmptyFolders(root, dirname(path));
      }),
  };
}
