/** `show <id>`: the state of one verification's archiving, and its evidence. */
import { type AuditDeps, manifestOf } from "../../../shared/archive/audit.ts";
import { defineCommand, print, printJson } from "../command.ts";
import { factsOf } from "./list.ts";
import { requireVerification, WHICH_ARCHIVE, withArchive } from "./open.ts";
import { size, table, time } from "./table.ts";

/** Leaves out the hashes of the evidence itself: a short text could be guessed from its hash. */
async function describe(deps: AuditDeps, id: string) {
  const row = await requireVerification(deps, id);
  const found = row.archiveStatus === "archived" ? await manifestOf(deps, row) : undefined;
  const problem = found && "problem" in found ? found.problem : undefined;
  const manifest = found && "manifest" in found ? found.manifest : undefined;
  const files = manifest?.files.map(({ kind, name, mediaType, size: bytes, stored }) => ({
    kind,
    name,
    mediaType,
    size: bytes,
    object: stored.object,
    objectSha256: stored.sha256,
  }));
  return {
    ...factsOf(row),
    manifest: row.manifest,
    keyId: manifest?.keyId,
    problem,
    kinds: manifest?.kinds,
    files,
  };
}

type Description = Awaited<ReturnType<typeof describe>>;

function printDescription(facts: Description): void {
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
    ["manifest", [facts.manifest ?? "-", facts.problem].filter(Boolean).join(": ")],
    ["sealed with key", facts.keyId ?? "-"],
  ];
  for (const [name = "", value] of lines) print(`${name.padEnd(24)}${value}`);
  if (!facts.files) return;
  const rows = facts.files.map((file) => [
    file.kind,
    file.name,
    file.mediaType,
    size(file.size),
    file.objectSha256,
  ]);
  print(`\n${table(["KIND", "FILE", "TYPE", "SIZE", "SHA-256 OF THE SEALED OBJECT"], rows)}`);
}

/** `show <id>`. */
export const showCommand = defineCommand({
  name: "archive show",
  summary: "Shows one verification and its archived evidence, with nothing personal.",
  details: WHICH_ARCHIVE,
  operands: ["<id>"],
  options: { json: { type: "boolean", help: "one JSON object, sizes in bytes" } },
  examples: [["ver_…", "how often it was tried, when it is due, when the provider purges it"]],
  exitCodes: ["shown", "there is no such verification, or its manifest is broken"],
  run: ({ json }, [id = ""]) =>
    withArchive(async (deps) => {
      const facts = await describe(deps, id);
      if (json) printJson(facts);
      else printDescription(facts);
      return facts.problem ? 1 : 0;
    }),
});
