/** Keeps what takes seconds to make and comes out the same from the same sources, in `node_modules/.cache`. */
import { createHash, randomBytes } from "node:crypto";
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";

const MAX_KEPT = 8; // of a kind: several branches may share one node_modules

/** What `node_modules` holds; npm writes it with every install. */
const INSTALLED = "node_modules/.package-lock.json";

/** A name for the content of files and folders below `root`, packages apart, for what is installed, and for `more`. */
export function contentKey(root: string, paths: readonly string[], more = ""): string {
  const hash = createHash("sha256").update(`${process.version}\0${more}\0`);
  for (const path of [INSTALLED, ...paths]) {
    for (const file of filesBelow(join(root, path)).toSorted()) {
      const content = readFileSync(join(root, path, file));
      hash.update(`${path}/${file}\0${content.length}\0`).update(content);
    }
  }
  return hash.digest("hex");
}

function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [""];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && !/[\\/]node_modules([\\/]|$)/.test(entry.parentPath.slice(path.length)),
    )
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1));
}

/** Fills `target` with what was kept under this kind and key, or else by `make`, and keeps that for the next time. */
export async function keptOrMade(
  { root, kind, key, target }: Readonly<Record<"root" | "kind" | "key" | "target", string>>,
  make: () => Promise<unknown>,
): Promise<void> {
  const folder = join(root, "node_modules/.cache/zhenren", kind);
  const kept = join(folder, key);
  rmSync(target, { recursive: true, force: true });
  try {
    cpSync(kept, target, { recursive: true });
    utimesSync(kept, new Date(), new Date());
    return;
  } catch {
    rmSync(target, { recursive: true, force: true }); // nothing is kept, or another process has just cleared it away
  }
  await make();
  const unfinished = join(folder, `.${randomBytes(8).toString("hex")}`);
  try {
    mkdirSync(folder, { recursive: true });
  } catch {
    return; // nothing can be kept
  }
  try {
    cpSync(target, unfinished, { recursive: true });
    renameSync(unfinished, kept);
    for (const old of newestFirst(folder).slice(MAX_KEPT)) rmSync(old, { recursive: true, force: true });
  } catch {
    rmSync(unfinished, { recursive: true, force: true }); // another was quicker, or there is no room
  }
}

function newestFirst(folder: string): string[] {
  const times = readdirSync(folder).map((name) => {
    const path = join(folder, name);
    return { path, changed: statSync(path).mtimeMs };
  });
  return times.toSorted((one, other) => other.changed - one.changed).map(({ path }) => path);
}
