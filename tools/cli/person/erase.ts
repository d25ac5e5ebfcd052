/** `person erase`: ends what is kept about a person, or about one verification. */
import { erasePerson, eraseVerifications } from "../../../shared/archive/erase.ts";
import { verificationsOfPerson } from "../../../shared/store/erasure.ts";
import { withKeys } from "../../../shared/store/row-keys.ts";
import { text, verbatim } from "../../language/index.ts";
import { requireVerification, WHICH_ARCHIVE, withArchive } from "../archive/open.ts";
import { defineCommand, print, printError, printJson } from "../command.ts";
import { NOT_FOUND_BY_NUMBER, NOTHING_KEPT } from "./find.ts";
import { FROM_STDIN, readIdCardNumber } from "./id-card-number.ts";

const ALREADY_ERASED = text("This verification is erased already.", "这次核身已经删除。");

const wouldErase = (count: number) =>
  text(
    `${count} ${count === 1 ? "verification" : "verifications"} would be erased for good. Nothing was done: add --yes.`,
    `将永久删除 ${count} 次核身。没有执行任何操作：请加上 --yes。`,
  );

/** `person erase`. */
export const eraseCommand = defineCommand({
  name: "person erase",
  summary: text(
    "Erases evidence, person, tokens and keys of one person, or of one verification, and prints the signed receipts.",
    "删除某个人或某次核身的证据、人员信息、凭证和密钥，并输出带签名的回执。",
  ),
  details: verbatim(
    [
      text(
        "Without --yes it only says what it would erase. What is erased cannot be brought back; a row without personal data stays.",
        "没有 --yes 时只说明将删除什么。删除后无法恢复；会留下不含个人信息的记录。",
      ),
      FROM_STDIN,
      NOT_FOUND_BY_NUMBER,
      WHICH_ARCHIVE,
    ].join("\n"),
  ),
  options: {
    verification: {
      type: "string",
      value: "<id>",
      help: text("this verification, instead of a person from stdin", "只删除这次核身，而不是标准输入中的人"),
    },
    yes: { type: "boolean", help: text("erase, for good", "确认永久删除") },
  },
  examples: [
    ["< id-number.txt", text("what would be erased", "查看将删除什么")],
    ["--yes < id-number.txt > receipt.json", text("erases it", "执行删除")],
    ["--verification ver_… --yes", text("one verification", "一次核身")],
  ],
  exitCodes: [
    text("erased, or there was nothing", "已删除，或没有内容"),
    text("not everything is erased: run it again", "没有全部删除：请重新运行"),
  ],
  run: async ({ verification, yes }) => {
    const number = verification === undefined ? await readIdCardNumber() : undefined;
    return withArchive(async (deps) => {
      const rows =
        number === undefined
          ? [await requireVerification(deps, verification ?? "")].filter(({ erasedAt }) => !erasedAt)
          : await verificationsOfPerson(deps.db, deps.keyring, number);
      const ids = rows.map(({ id }) => id);
      if (ids.length === 0) printError(number === undefined ? ALREADY_ERASED : NOTHING_KEPT);
      if (!yes) {
        for (const row of rows) print(`${row.id} ${row.channel} ${row.status} ${row.archiveStatus}`);
        if (ids.length > 0) printError(wouldErase(ids.length));
        return 0;
      }
      const erase = () =>
        number === undefined ? eraseVerifications(deps, ids, "verification") : erasePerson(deps, number);
      printJson(await withKeys(erase));
      return 0;
    });
  },
});
