/** Where the files of a run are. */
import { chmodSync, mkdtempSync, readFileSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The folder that Linux keeps in memory. */
const MEMORY_FOLDER = "/dev/shm";
/** A whole run needs about a third of it. */
const ENOUGH_BYTES = 4 * 1024 ** 3;

/** In memory where that has room and lets programs run: hundreds of test databases are tens of thousands of files. */
function baseFolder(): string {
  try {
    const mount = readFileSync("/proc/mounts", "utf8")
      .split("\n")
      .find((line) => line.split(" ")[1] === MEMORY_FOLDER);
    const { bavail, bsize } = statfsSync(MEMORY_FOLDER);
    const options = mount?.split(" ")[3]?.split(",") ?? ["noexec"];
    if (!options.includes("noexec") && bavail * bsize >= ENOUGH_BYTES) return MEMORY_FOLDER;
  } catch {
    // Another system, or nothing mounted there.
  }
  return tmpdir();
}

/** Makes the folder of a run, for everything temporary. */
export function makeRunFolder(): string {
  const folder = mkdtempSync(join(baseFolder(), "zhenren-run-"));
  chmodSync(folder, 0o711); // PostgreSQL may run as another user
  return folder;
}
