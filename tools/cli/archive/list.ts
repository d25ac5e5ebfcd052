/** `list`: verifications with where their archiving stands. */
import type { MissingEvidence } from "../../../shared/contract/verification.ts";
import type { ArchiveStatus } from "../../../shared/store/archive.ts";
import type { VerificationRow } from "../../../shared/store/schema.ts";
import { listForArchive } from "../../../shared/store/verifications.ts";
import { text } from "../../language/index.ts";
import { defineCommand, oneOf, print, printJson, UsageError } from "../command.ts";
import { WHICH_ARCHIVE, withArchive } from "./open.ts";
import { table, time } from "./table.ts";

const statuses: readonly ArchiveStatus[] = ["due", "archiving", "archived", "skipped", "lost"];
const MAX_ROWS = 100_000;
const DEFAULT_ROWS = 20;

function limitFrom(given: string | undefined): number {
  const limit = Number(given ?? DEFAULT_ROWS);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_ROWS) {
    throw new UsageError(
      text(`--limit is a whole number from 1 to ${MAX_ROWS}.`, `--limit 是 1 到 ${MAX_ROWS} 的整数。`),
    );
  }
  return limit;
}

/** The state of a verification's archiving, with nothing personal in it. */
export const factsOf = (row: VerificationRow) => ({
  verificationId: row.id,
  channel: row.channel,
  status: row.status,
  archiveStatus: row.archiveStatus,
  tries: row.archiveTries,
  createdAt: row.createdAt,
  settledAt: row.settledAt,
  purgeAt: row.purgeAt,
  dueAt:
    row.archiveStatus === "due" || row.archiveStatus === "archiving" || row.archiveMissing
      ? row.archiveAt
      : null,
  missing: row.archiveMissing ?? [],
  archivedAt: row.archivedAt,
});

const HEAD = [
  text("VERIFICATION", "核身"),
  text("CHANNEL", "核身方式"),
  text("STATUS", "状态"),
  text("ARCHIVE", "归档状态"),
  text("TRIES", "次数"),
  text("DUE", "应归档"),
  text("ARCHIVED", "已归档"),
  text("PURGED BY THE PROVIDER", "服务方删除"),
  text("MISSING", "缺少"),
];

/** What could not be had, with the reason, in one cell. */
export const missingCell = (missing: readonly MissingEvidence[]): string =>
  missing.map(({ kind, reason }) => `${kind} (${reason})`).join(", ") || "-";

/** `list`. */
export const listCommand = defineCommand({
  name: "archive list",
  summary: text(
    "Lists verifications and the state of their archiving, newest first.",
    "列出核身及其归档状态，新的在前。",
  ),
  details: WHICH_ARCHIVE,
  options: {
    status: {
      type: "string",
      value: text("<status>", "<状态>"),
      help: text(`only these: ${statuses.join(", ")}`, `只列出这种状态：${statuses.join("、")}`),
    },
    limit: {
      type: "string",
      value: text("<rows>", "<行数>"),
      help: text(
        `at most this many, from 1 to ${MAX_ROWS}; ${DEFAULT_ROWS} if absent`,
        `最多列出多少行，1 到 ${MAX_ROWS}；不写为 ${DEFAULT_ROWS}`,
      ),
    },
    json: {
      type: "boolean",
      help: text("one JSON array instead of columns", "输出一个 JSON 数组，而不是表格"),
    },
  },
  examples: [
    ["", text(`the newest ${DEFAULT_ROWS}`, `最新的 ${DEFAULT_ROWS} 次`)],
    ["--status due --limit 100", text("what still waits to be archived", "还在等待归档的")],
  ],
  exitCodes: [text("listed", "已列出"), text("the archive cannot be read", "无法读取归档")],
  run: async ({ status, limit, json }) => {
    const wanted = oneOf("status", statuses, status);
    const filter = { ...(wanted && { status: wanted }), limit: limitFrom(limit) };
    const rows = (await withArchive(({ db }) => listForArchive(db, filter))).map(factsOf);
    if (json) printJson(rows);
    else print(rows.length === 0 ? text("No verifications.", "没有核身。") : table(HEAD, rows.map(cellsOf)));
    return 0;
  },
});

const cellsOf = (facts: ReturnType<typeof factsOf>) => [
  facts.verificationId,
  facts.channel,
  facts.status,
  facts.archiveStatus,
  facts.tries,
  time(facts.dueAt),
  time(facts.archivedAt),
  time(facts.purgeAt),
  missingCell(facts.missing),
];
