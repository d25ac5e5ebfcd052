/** `list`: verifications with where their archiving stands. */
import type { ArchiveStatus } from "../../../shared/store/archive.ts";
import type { VerificationRow } from "../../../shared/store/schema.ts";
import { listForArchive } from "../../../shared/store/verifications.ts";
import { defineCommand, print, printJson, UsageError } from "../command.ts";
import { WHICH_ARCHIVE, withArchive } from "./open.ts";
import { table, time } from "./table.ts";

const statuses: readonly ArchiveStatus[] = ["due", "archiving", "archived", "skipped", "lost"];
const MAX_ROWS = 100_000;
const DEFAULT_ROWS = 20;

function statusFrom(text: string | undefined): { status?: ArchiveStatus } {
  if (text === undefined) return {};
  const status = statuses.find((known) => known === text);
  if (!status) throw new UsageError(`--status is one of ${statuses.join(", ")}.`);
  return { status };
}

function limitFrom(text: string | undefined): number {
  const limit = Number(text ?? DEFAULT_ROWS);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_ROWS) {
    throw new UsageError(`--limit is a whole number from 1 to ${MAX_ROWS}.`);
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
  dueAt: row.archiveStatus === "due" || row.archiveStatus === "archiving" ? row.archiveAt : null,
  archivedAt: row.archivedAt,
});

const HEAD = [
  "VERIFICATION",
  "CHANNEL",
  "STATUS",
  "ARCHIVE",
  "TRIES",
  "DUE",
  "ARCHIVED",
  "PURGED BY THE PROVIDER",
];

/** `list`. */
export const listCommand = defineCommand({
  name: "archive list",
  summary: "Lists verifications and the state of their archiving, newest first.",
  details: WHICH_ARCHIVE,
  options: {
    status: { type: "string", value: "<status>", help: `only these: ${statuses.join(", ")}` },
    limit: {
      type: "string",
      value: "<rows>",
      help: `at most this many, from 1 to ${MAX_ROWS}; ${DEFAULT_ROWS} if absent`,
    },
    json: { type: "boolean", help: "one JSON array instead of columns" },
  },
  examples: [
    ["", `the newest ${DEFAULT_ROWS}`],
    ["--status due --limit 100", "what still waits to be archived"],
  ],
  exitCodes: ["listed", "the archive cannot be read"],
  run: async ({ status, limit, json }) => {
    const filter = { ...statusFrom(status), limit: limitFrom(limit) };
    const rows = (await withArchive(({ db }) => listForArchive(db, filter))).map(factsOf);
    if (json) printJson(rows);
    else print(rows.length === 0 ? "No verifications." : table(HEAD, rows.map(cellsOf)));
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
];
