/** The evidence store in a folder: one file an object, readable by nobody else. */
import { type FileHandle, mkdir, open, readdir, readFile, rename, rmdir, unlink } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { checkObjectName, type EvidenceStore, EvidenceStoreError } from "./evidence-store.ts";

/** What an object is called while it is being written; a crash may leave it behind. */
const PARTIAL_SUFFIX = ".part";

const codeOf = (error: unknown) =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown";

/** Runs a file operation; whatever the system says becomes a `EvidenceStoreError` that names the object. */
async function withStoreErrors<T>(what: string, name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof EvidenceStoreError) throw cause;
    const code = codeOf(cause);
    throw new EvidenceStoreError(`cannot ${what} ${name || "the evidence store"} (${code})`, { cause, code });
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

async function write(path: string, bytes: Buffer): Promise<void> {
  await makeFolder(dirname(path));
  const handle = await open(path + PARTIAL_SUFFIX, "w", 0o600);
  await closeAfter(handle, async () => {
    await handle.writeFile(bytes);
    await handle.sync();
  });
  await rename(path + PARTIAL_SUFFIX, path);
  await syncFolder(dirname(path));
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

/** An evidence store in the folder `root` (absolute); it is made with the first object. Folders are 0700, files 0600. */
export function fileStore(root: string): EvidenceStore {
  const pathOf = (name: string) => join(root, ...checkObjectName(name).split("/"));
  return {
    put: (name, bytes) =>
      withStoreErrors("store", name, async () => {
        const path = pathOf(name);
        try {
          await write(path, bytes);
        } catch (error) {
          // Another run may have removed the folder, empty for a moment, between making it and using it.
          if (codeOf(error) !== "ENOENT") throw error;
          await write(path, bytes);
        }
      }),
    get: (name) =>
      withStoreErrors("read", name, async () => {
        try {
          return await readFile(pathOf(name));
        } catch (error) {
          if (codeOf(error) === "ENOENT") return undefined;
          throw error;
        }
      }),
    list: (prefix) => walk(root, prefix === "" ? root : pathOf(prefix.replace(/\/$/, ""))),
    remove: (name) =>
      withStoreErrors("remove", name, async () => {
        const path = pathOf(name);
        await unlink(path).catch((error: unknown) => {
          if (codeOf(error) !== "ENOENT") throw error;
        });
        await removeEmptyFolders(root, dirname(path));
      }),
  };
}
