/** `export <id> --out <folder>`: the evidence of one verification, unsealed, checked before anything is written. */
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type AuditDeps, evidenceOf, manifestOf } from "../../../shared/archive/audit.ts";
import type { Manifest } from "../../../shared/archive/manifest.ts";
import { allow, existing, idFrom, type Options, UsageError, withArchive } from "./open.ts";
import { size, table, writeJson } from "./table.ts";

/** Makes the folder, readable by nobody else, or makes sure that it is empty. */
async function prepareFolder(folder: string): Promise<void> {
  const entries = await mkdir(folder, { recursive: true, mode: 0o700 }).then(
    () => readdir(folder),
    () => Promise.reject(new Error(`${folder} cannot be made a folder.`)),
  );
  if (entries.length > 0) throw new Error(`${folder} is not empty; nothing was written.`);
}

/** Reads and checks every piece of evidence, one at a time. Throws a sentence at the first that is not as it should be. */
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

/** Exports one archived verification: checks all of it first, so that a broken archive leaves no half export. */
export async function exportCommand(operands: readonly string[], options: Options): Promise<number> {
  allow(options, "out");
  const id = idFrom(operands);
  const folder = options.out;
  if (!folder) throw new UsageError("export needs --out <folder>.");
  return withArchive(async (deps) => {
    const row = await existing(deps, id);
    if (row.archiveStatus !== "archived") {
      throw new Error(`${row.id} is not archived: its archive status is ${row.archiveStatus}.`);
    }
    const found = await manifestOf(deps, row);
    if ("problem" in found) throw new Error(`Not exported: the manifest is ${found.problem}.`);
    await forEachPiece(deps, found.manifest, async () => {});
    await prepareFolder(folder);
    const written: { file: string; size: number }[] = [];
    const write = async (file: string, bytes: Buffer) => {
      await writeFile(join(folder, file), bytes, { mode: 0o600, flag: "wx" });
      written.push({ file, size: bytes.length });
    };
    await forEachPiece(deps, found.manifest, write);
    await write("manifest.json", Buffer.from(`${JSON.stringify(found.manifest, undefined, 2)}\n`));
    const rows = written.map((entry) => [entry.file, size(entry.size)]);
    if (options.json) writeJson(written);
    else process.stdout.write(table(["FILE", "SIZE"], rows));
    return 0;
  });
}
