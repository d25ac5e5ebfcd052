/** `show <id>`: one verification's archiving, and what was kept of it. */
import { manifestOf } from "../../../shared/archive/audit.ts";
import { factsOf } from "./list.ts";
import { allow, existing, idFrom, type Options, withArchive } from "./open.ts";
import { size, table, time, writeJson } from "./table.ts";

/** Shows the row and, if archived, its manifest without the hashes of the evidence itself: a short text has few. */
export async function showCommand(operands: readonly string[], options: Options): Promise<number> {
  allow(options);
  const id = idFrom(operands);
  return withArchive(async (deps) => {
    const row = await existing(deps, id);
    const facts = factsOf(row);
    const found = row.archiveStatus === "archived" ? await manifestOf(deps, row) : undefined;
    const problem = found && "problem" in found ? found.problem : undefined;
    const manifest = found && "manifest" in found ? found.manifest : undefined;
    const files = manifest?.files.map(({ kind, name, mediaType, size: bytes, stored }) => ({
      ...{ kind, name, mediaType, size: bytes, object: stored.object, objectSha256: stored.sha256 },
    }));
    if (options.json) {
      writeJson({
        ...facts,
        manifest: row.manifest,
        keyId: manifest?.keyId,
        problem,
        kinds: manifest?.kinds,
        files,
      });
    } else {
      const lines = [
        ["verification", facts.verificationId],
        ["channel", facts.channel],
        ["status", facts.status],
        ["archive", facts.archiveStatus],
        ["tries", String(facts.tries)],
        ["created", time(facts.createdAt)],
        ["settled", time(facts.settledAt)],
        ["due", time(facts.dueAt)],
        ["archived", time(facts.archivedAt)],
        ["purged by the provider", time(facts.purgeAt)],
        ["manifest", problem ? `${row.manifest ?? "-"}: ${problem}` : (row.manifest ?? "-")],
        ["sealed with key", manifest?.keyId ?? "-"],
      ];
      process.stdout.write(`${lines.map(([key = "", value]) => `${key.padEnd(24)}${value}`).join("\n")}\n`);
      if (manifest) {
        const rows = manifest.files.map((file) => [
          ...[file.kind, file.name, file.mediaType, size(file.size), file.stored.sha256],
        ]);
        process.stdout.write(
          `\n${table(["KIND", "FILE", "TYPE", "SIZE", "SHA-256 OF THE SEALED OBJECT"], rows)}`,
        );
      }
    }
    return problem ? 1 : 0;
  });
}
