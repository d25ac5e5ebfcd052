/** `export <id> --out <folder>`: the evidence of one verification, unsealed, checked before anything is written. */
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type AuditDeps, evidenceOf, manifestOf } from "../../../shared/archive/audit.ts";
import type { Manifest } from "../../../shared/archive/manifest.ts";
import { defineCommand, print, printJson } from "../command.ts";
import { requireVerification, WHICH_ARCHIVE, withArchive } from "./open.ts";
import { size, table } from "./table.ts";

/** A file of an export. */
interface Written {
  readonly file: string;
  /** Bytes. */
  readonly size: number;
}

/** Makes the folder, readable by its owner alone, or makes sure that it is empty. */
async function prepareFolder(folder: string): Promise<void> {
  const entries = await mkdir(folder, { recursive: true, mode: 0o700 }).then(
    () => readdir(folder),
    () => Promise.reject(new Error(`${folder} cannot be made a folder.`)),
  );
  if (entries.length > 0) throw new Error(`${folder} is not empty; nothing was written.`);
}

/** Reads and checks every piece of evidence, one at a time. Throws at the first that is missing or changed. */
async function forEachPiece(
  deps: AuditDeps,
  manifest: Manifest,
  use: (name: string, plain: Buffer) => Promise<void>,
): Promise<void> {
  for (const file of manifest.files) {
    const evidence = await evidenceOf(deps, manifest, file).catch((error: unknown) => ({
      problem: error instanceof Error ? error.message : "cannot be read",
    }));
    if ("problem" in evidence) throw new Error(`Not exported: ${file.stored.object} is ${evidence.problem}.`);
    await use(file.name, evidence.plain);
  }
}

/** Checks all of it before it writes anything, so that a broken archive leaves no half export. */
async function exportVerification(deps: AuditDeps, id: string, folder: string): Promise<Written[]> {
  const row = await requireVerification(deps, id);
  if (row.archiveStatus !== "archived") {
    throw new Error(`${row.id} is not archived: its archive status is ${row.archiveStatus}.`);
  }
  const found = await manifestOf(deps, row);
  if ("problem" in found) throw new Error(`Not exported: the manifest is ${found.problem}.`);
  await forEachPiece(deps, found.manifest, async () => {});
  await prepareFolder(folder);
  const written: Written[] = [];
  const write = async (file: string, bytes: Buffer) => {
    await writeFile(join(folder, file), bytes, { mode: 0o600, flag: "wx" });
    written.push({ file, size: bytes.length });
  };
  await forEachPiece(deps, found.manifest, write);
  await write("manifest.json", Buffer.from(`${JSON.stringify(found.manifest, undefined, 2)}\n`));
  return written;
}

/** `export <id> --out <folder>`. */
export const exportCommand = defineCommand({
  name: "archive export",
  summary:
    "Writes the evidence of one verification, unsealed, into a new or empty folder that nobody else may read.",
  details: WHICH_ARCHIVE,
  operands: ["<id>"],
  options: {
    out: { type: "string", value: "<folder>", required: true, help: "the folder to write into" },
    json: { type: "boolean", help: "the written files as JSON, sizes in bytes" },
  },
  examples: [["ver_… --out evidence", "writes text.json, JPEG, MP4 and manifest.json"]],
  exitCodes: [
    "all of it is written",
    "nothing is: it is not archived, it is broken, or the folder is not empty",
  ],
  run: ({ out = "", json }, [id = ""]) =>
    withArchive(async (deps) => {
      const written = await exportVerification(deps, id, out);
      if (json) printJson(written);
      else
        print(
          table(
            ["FILE", "SIZE"],
            written.map((entry) => [entry.file, size(entry.size)]),
          ),
        );
      return 0;
    }),
});
