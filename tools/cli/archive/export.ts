/** `export <id> --out <folder>`: the evidence of one verification, unsealed, checked before anything is written. */
import { mkdir, open, readdir, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type AuditDeps,
  EvidenceBrokenError,
  manifestOf,
  type OpenedManifest,
  readEvidence,
} from "../../../shared/archive/audit.ts";
import type { VerificationRow } from "../../../shared/store/schema.ts";
import { text } from "../../language/index.ts";
import { defineCommand, print, printJson } from "../command.ts";
import { logAccess } from "./accesses.ts";
import { requireVerification, WHICH_ARCHIVE, withArchive } from "./open.ts";
import { size, table } from "./table.ts";

/** A file of an export. */
interface Written {
  readonly file: string;
  /** Bytes. */
  readonly size: number;
}

/** Makes the folder, readable by its owner alone, or makes sure that it is empty. */
export async function prepareFolder(folder: string): Promise<void> {
  const entries = await mkdir(folder, { recursive: true, mode: 0o700 }).then(
    () => readdir(folder),
    () => Promise.reject(new Error(text(`${folder} cannot be made a folder.`, `无法创建目录 ${folder}。`))),
  );
  if (entries.length > 0) {
    throw new Error(
      text(`${folder} is not empty; nothing was written.`, `目录 ${folder} 不是空的；没有写入任何文件。`),
    );
  }
}

const notExported = (what: string, problem: string): Error =>
  new Error(text(`Not exported: ${what} is ${problem}.`, `没有导出：${what}有问题（${problem}）。`));

/** Reads and checks every piece of evidence, one at a time. Throws at the first that is missing or changed. */
async function forEachPiece(
  deps: AuditDeps,
  opened: OpenedManifest,
  use: (name: string, chunks: AsyncIterable<Buffer>) => Promise<void>,
): Promise<void> {
  for (const file of opened.manifest.files) {
    await use(file.name, readEvidence(deps, opened, file)).catch((error: unknown) => {
      const problem = error instanceof Error ? error.message : "unreadable";
      throw notExported(file.stored.object, error instanceof EvidenceBrokenError ? error.problem : problem);
    });
  }
}

/** Writes a file that is not there yet, whole or not at all; its size. */
async function writeWhole(path: string, chunks: AsyncIterable<Buffer>): Promise<number> {
  const handle = await open(path, "wx", 0o600);
  let size = 0;
  try {
    for await (const chunk of chunks) {
      await handle.writeFile(chunk);
      size += chunk.length;
    }
  } catch (error) {
    await unlink(path);
    throw error;
  } finally {
    await handle.close();
  }
  return size;
}

/** Checks all of it before it writes anything, so that a broken archive leaves no half export. */
export async function exportVerification(
  deps: AuditDeps,
  row: VerificationRow,
  folder: string,
): Promise<Written[]> {
  if (row.archiveStatus !== "archived") {
    throw new Error(
      text(
        `${row.id} is not archived: its archive status is ${row.archiveStatus}.`,
        `${row.id} 没有归档：归档状态为 ${row.archiveStatus}。`,
      ),
    );
  }
  const found = await manifestOf(deps, row);
  if ("problem" in found) throw notExported(text("the manifest", "清单"), found.problem);
  await forEachPiece(deps, found, async (_, chunks) => {
    for await (const _chunk of chunks);
  });
  await prepareFolder(folder);
  const written: Written[] = [];
  await forEachPiece(deps, found, async (file, chunks) => {
    written.push({ file, size: await writeWhole(join(folder, file), chunks) });
  });
  const manifest = Buffer.from(`${JSON.stringify(found.manifest, undefined, 2)}\n`);
  await writeFile(join(folder, "manifest.json"), manifest, { mode: 0o600, flag: "wx" });
  written.push({ file: "manifest.json", size: manifest.length });
  return written;
}

/** `export <id> --out <folder>`. */
export const exportCommand = defineCommand({
  name: "archive export",
  summary: text(
    "Writes the evidence of one verification, unsealed, into a new or empty folder that nobody else may read.",
    "把一次核身的证据解密后写入一个新的或空的目录，他人无权读取。",
  ),
  details: WHICH_ARCHIVE,
  operands: ["<id>"],
  options: {
    out: {
      type: "string",
      value: text("<folder>", "<目录>"),
      required: true,
      help: text("the folder to write into", "写入的目录"),
    },
    json: {
      type: "boolean",
      help: text("the written files as JSON, sizes in bytes", "以 JSON 列出写入的文件，大小单位为字节"),
    },
  },
  examples: [
    [
      "ver_… --out evidence",
      text("writes text.json, JPEG, MP4 and manifest.json", "写入 text.json、JPEG、MP4 和 manifest.json"),
    ],
  ],
  exitCodes: [
    text("all of it is written", "全部写入"),
    text(
      "nothing is: it is not archived, it is broken, or the folder is not empty",
      "没有写入：未归档、归档已损坏，或目录不是空的",
    ),
  ],
  run: ({ out = "", json }, [id = ""]) =>
    withArchive(async (deps) => {
      const row = await requireVerification(deps, id);
      await logAccess(deps, "archive export", [row]);
      const written = await exportVerification(deps, row, out);
      if (json) printJson(written);
      else
        print(
          table(
            [text("FILE", "文件"), text("SIZE", "大小")],
            written.map((entry) => [entry.file, size(entry.size)]),
          ),
        );
      return 0;
    }),
});
