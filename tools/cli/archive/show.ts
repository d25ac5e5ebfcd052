/** `show <id>`: the state of one verification's archiving, and its evidence. */
import { type AuditDeps, manifestOf } from "../../../shared/archive/audit.ts";
import { padded, text } from "../../language/index.ts";
import { defineCommand, print, printJson } from "../command.ts";
import { factsOf, missingCell } from "./list.ts";
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
    [text("verification", "核身"), facts.verificationId],
    [text("channel", "核身方式"), facts.channel],
    [text("status", "状态"), facts.status],
    [text("archive", "归档状态"), facts.archiveStatus],
    [text("tries", "归档次数"), String(facts.tries)],
    [text("created", "创建"), time(facts.createdAt)],
    [text("settled", "得出结果"), time(facts.settledAt)],
    [text("due", "应归档"), time(facts.dueAt)],
    [text("archived", "已归档"), time(facts.archivedAt)],
    [text("purged by the provider", "服务方删除"), time(facts.purgeAt)],
    [text("missing", "缺少"), missingCell(facts.missing)],
    [text("manifest", "清单"), [facts.manifest ?? "-", facts.problem].filter(Boolean).join(": ")],
    [text("sealed with key", "加密密钥"), facts.keyId ?? "-"],
  ];
  for (const [name = "", value] of lines) print(`${padded(name, 24)}${value}`);
  if (!facts.files) return;
  const rows = facts.files.map((file) => [
    file.kind,
    file.name,
    file.mediaType,
    size(file.size),
    file.objectSha256,
  ]);
  print(`\n${table(FILE_HEAD, rows)}`);
}

const FILE_HEAD = [
  text("KIND", "种类"),
  text("FILE", "文件"),
  text("TYPE", "类型"),
  text("SIZE", "大小"),
  text("SHA-256 OF THE SEALED OBJECT", "加密对象的 SHA-256"),
];

/** `show <id>`. */
export const showCommand = defineCommand({
  name: "archive show",
  summary: text(
    "Shows one verification and its archived evidence, with nothing personal.",
    "显示一次核身及其归档的证据，不含个人信息。",
  ),
  details: WHICH_ARCHIVE,
  operands: ["<id>"],
  options: {
    json: {
      type: "boolean",
      help: text("one JSON object, sizes in bytes", "输出一个 JSON 对象，大小单位为字节"),
    },
  },
  examples: [
    [
      "ver_…",
      text(
        "how often it was tried, when it is due, when the provider purges it",
        "归档试过几次、何时应归档、服务方何时删除",
      ),
    ],
  ],
  exitCodes: [
    text("shown", "已显示"),
    text("there is no such verification, or its manifest is broken", "没有这次核身，或其清单已损坏"),
  ],
  run: ({ json }, [id = ""]) =>
    withArchive(async (deps) => {
      const facts = await describe(deps, id);
      if (json) printJson(facts);
      else printDescription(facts);
      return facts.problem ? 1 : 0;
    }),
});
