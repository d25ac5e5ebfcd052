/** `accesses`: who looked at evidence and at what is kept about people, and whether anybody has changed the log of it. */
import { hostname, userInfo } from "node:os";
import type { AuditDeps } from "../../../shared/archive/audit.ts";
import {
  type Access,
  type CheckedAccess,
  readAccesses,
  recordAccess,
} from "../../../shared/store/access-log.ts";
import type { VerificationRow } from "../../../shared/store/schema.ts";
import { text, verbatim } from "../../language/index.ts";
import { defineCommand, print, printError, printJson } from "../command.ts";
import { WHICH_ARCHIVE, withArchive } from "./open.ts";
import { table, time } from "./table.ts";

/** The account and the machine that a command runs on; an account without a name by its number. */
function actor(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return `${process.getuid?.() ?? "unknown"}@${hostname()}`;
  }
}

/** Notes who looks, before anything is opened or shown. */
export async function logAccess(
  { db, keyring, now }: Required<AuditDeps>,
  action: Access["action"],
  rows: readonly VerificationRow[],
): Promise<void> {
  const access = { actor: actor(), action, verificationIds: rows.map(({ id }) => id) };
  await recordAccess(db, keyring, access, new Date(now()));
}

const HEAD = [
  text("NUMBER", "编号"),
  text("AT", "时间"),
  text("WHO", "访问者"),
  text("COMMAND", "命令"),
  text("VERIFICATIONS", "核身"),
];

const cellsOf = ({ number, at, actor: who, action, verificationIds }: CheckedAccess) => [
  number,
  time(at),
  who,
  action,
  verificationIds.join(" ") || "-",
];

/** `accesses`. */
export const accessesCommand = defineCommand({
  name: "archive accesses",
  summary: text(
    "Lists who looked at evidence or at what is kept about a person, oldest first, and checks that nobody has changed the list.",
    "列出谁查看过证据或某个人的内容，旧的在前，并检查这份记录是否被改动。",
  ),
  details: verbatim(
    [
      text(
        "Entries are kept for three years. Whether some are missing at the end shows only beside an earlier list.",
        "记录保留三年。末尾是否缺少记录，只有与以前的列表比对才能看出。",
      ),
      WHICH_ARCHIVE,
    ].join("\n"),
  ),
  options: { json: { type: "boolean", help: text("one JSON array", "输出一个 JSON 数组") } },
  examples: [["", text("the whole log", "全部访问记录")]],
  exitCodes: [
    text("listed, and nothing was changed", "已列出，没有改动"),
    text("somebody changed or removed entries, or the log cannot be read", "有记录被改动或删除，或无法读取"),
  ],
  run: async ({ json }) => {
    const entries: CheckedAccess[] = [];
    await withArchive(async ({ db, keyring }) => {
      for await (const entry of readAccesses(db, keyring)) entries.push(entry);
    });
    const broken = entries.filter(({ problem }) => problem !== undefined);
    if (json) printJson(entries);
    else if (entries.length === 0) print(text("Nobody has looked.", "没有访问记录。"));
    else print(table(HEAD, entries.map(cellsOf)));
    for (const { number, problem } of broken)
      printError(text(`Number ${number} is ${problem}.`, `编号 ${number} 有问题：${problem}。`));
    return broken.length === 0 ? 0 : 1;
  },
});
