/** `person export --out <folder>`: a copy of what is kept about a person, for them. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openJson } from "../../../shared/crypto/seal.ts";
import { verificationsOfPerson } from "../../../shared/store/erasure.ts";
import { identitySchema } from "../../../shared/store/record.ts";
import { openKeys } from "../../../shared/store/row-keys.ts";
import type { VerificationRow } from "../../../shared/store/schema.ts";
import { sealedColumns } from "../../../shared/store/sealed-columns.ts";
import { presentVerification } from "../../../shared/verification/present.ts";
import { text, verbatim } from "../../language/index.ts";
import { logAccess } from "../archive/accesses.ts";
import { exportVerification, prepareFolder } from "../archive/export.ts";
import { WHICH_ARCHIVE, withArchive } from "../archive/open.ts";
import { defineCommand, print, printError } from "../command.ts";
import { NOT_FOUND_BY_NUMBER, NOTHING_KEPT } from "./find.ts";
import { FROM_STDIN, readIdCardNumber } from "./id-card-number.ts";

type Deps = Parameters<Parameters<typeof withArchive>[0]>[0];

/** What a row says of the person, and what the person may see of the rest. */
async function recordOf({ keyring }: Deps, row: VerificationRow) {
  const keys = await openKeys(keyring, row);
  const identity =
    row.identity && identitySchema.parse(openJson(keys, sealedColumns.identity(row.id), row.identity));
  return { ...presentVerification(row), user: row.owner, person: identity ?? undefined };
}

/** What an export wrote, and why evidence of some verifications is not in it. */
interface Exported {
  readonly count: number;
  readonly problems: readonly string[];
}

/** Writes everything that is kept about a person into a new or empty folder, or nothing if there is nothing. */
export async function exportPerson(deps: Deps, idCardNumber: string, folder: string): Promise<Exported> {
  const rows = await verificationsOfPerson(deps.db, deps.keyring, idCardNumber);
  const problems: string[] = [];
  await logAccess(deps, "person export", rows);
  if (rows.length === 0) return { count: 0, problems };
  await prepareFolder(folder);
  const records = [];
  for (const row of rows) {
    records.push(await recordOf(deps, row));
    if (row.archiveStatus !== "archived") continue;
    const evidence = join(folder, row.id);
    // One broken verification does not cost the person the others.
    await exportVerification(deps, row, evidence).catch((error: unknown) => {
      problems.push(`${row.id}: ${error instanceof Error ? error.message : "unreadable"}`);
    });
  }
  const file = join(folder, "person.json");
  await writeFile(file, `${JSON.stringify(records, undefined, 2)}\n`, { mode: 0o600, flag: "wx" });
  return { count: rows.length, problems };
}

/** `person export --out <folder>`. */
export const exportCommand = defineCommand({
  name: "person export",
  summary: text(
    "Writes all that is kept about one person, decrypted, into a new or empty folder that nobody else may read.",
    "把保存的某个人的全部内容解密后写入一个新的或空的目录，他人无权读取。",
  ),
  details: verbatim([FROM_STDIN, NOT_FOUND_BY_NUMBER, WHICH_ARCHIVE].join("\n")),
  options: {
    out: {
      type: "string",
      value: text("<folder>", "<目录>"),
      required: true,
      help: text("the folder to write into", "写入的目录"),
    },
  },
  examples: [
    [
      "--out copy < id-number.txt",
      text("person.json, and a folder of evidence per verification", "person.json，以及每次核身的证据目录"),
    ],
  ],
  exitCodes: [
    text("all of it is written, if there is any", "全部写入（如果有）"),
    text(
      "something is not: evidence is broken, which stderr names, or the folder is not empty",
      "没有全部写入：证据损坏（见标准错误输出），或目录不是空的",
    ),
  ],
  run: async ({ out = "" }) => {
    const number = await readIdCardNumber();
    const { count, problems } = await withArchive((deps) => exportPerson(deps, number, out));
    for (const problem of problems) printError(problem);
    if (count === 0) print(NOTHING_KEPT);
    else
      print(
        text(
          `${count} ${count === 1 ? "verification" : "verifications"} written to ${out}.`,
          `已将 ${count} 次核身写入 ${out}。`,
        ),
      );
    return problems.length === 0 ? 0 : 1;
  },
});
