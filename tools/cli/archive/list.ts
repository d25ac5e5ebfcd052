/** `list`: verifications with where their archiving stands. */
import type { ArchiveStatus } from "../../../shared/store/archive.ts";
import type { VerificationRow } from "../../../shared/store/schema.ts";
import { listForArchive } from "../../../shared/store/verifications.ts";
import { allow, type Options, UsageError, withArchive } from "./open.ts";
import { table, time, writeJson } from "./table.ts";

const statuses: readonly ArchiveStatus[] = ["due", "archiving", "archived", "skipped", "lost"];
const mostRows = 100_000;

function statusFrom(text: string | undefined): { status?: ArchiveStatus } {
  if (text === undefined) return {};
  const status = statuses.find((known) => known === text);
  if (!status) throw new UsageError(`--status is one of ${statuses.join(", ")}.`);
  return { status };
}

function limitFrom(text = "20"): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > mostRows) {
    throw new UsageError(`--limit is a whole number from 1 to ${mostRows}.`);
  }
  return limit;
}

/** What may be told of a verification's archiving: nothing personal. */
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

/** Lists verifications, newest first. */
export async function listCommand(operands: readonly string[], options: Options): Promise<number> {
  allow(options, "status", "limit");
  if (operands.length > 0) throw new UsageError("list takes no id; show does.");
  const filter = { ...statusFrom(options.status), limit: limitFrom(options.limit) };
  const rows = (await withArchive(({ db }) => listForArchive(db, filter))).map(factsOf);
  if (options.json) writeJson(rows);
  else if (rows.length === 0) process.stdout.write("No verifications.\n");
  else {
    process.stdout.write(
      table(
        [
          "VERIFICATION",
          "CHANNEL",
          "STATUS",
          "ARCHIVE",
          "TRIES",
          "DUE",
          "ARCHIVED",
          "PURGED BY THE PROVIDER",
        ],
        rows.map((row) => [
          ...[row.verificationId, row.channel, row.status, row.archiveStatus, row.tries],
          ...[time(row.dueAt), time(row.archivedAt), time(row.purgeAt)],
        ]),
      ),
    );
  }
  return 0;
}
