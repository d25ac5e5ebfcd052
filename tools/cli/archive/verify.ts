/** `verify [<id>]`: reads the whole archive again, or one verification's part, and names the problems. */
import {
  type AuditDeps,
  type AuditFinding,
  audit,
  auditVerification,
} from "../../../shared/archive/audit.ts";
import { countArchived } from "../../../shared/store/verifications.ts";
import { text } from "../../language/index.ts";
import { defineCommand, print, printJson } from "../command.ts";
import { progress } from "../progress.ts";
import { requireVerification, WHICH_ARCHIVE, withArchive } from "./open.ts";

/** What an audit came to. */
interface Audited {
  readonly audited: number;
  readonly findings: readonly AuditFinding[];
}

async function verifyOne(deps: AuditDeps, id: string): Promise<Audited> {
  const row = await requireVerification(deps, id);
  return {
    audited: row.archiveStatus === "archived" ? 1 : 0,
    findings: await auditVerification(deps, row.id),
  };
}

async function verifyAll(deps: AuditDeps): Promise<Audited> {
  const bar = progress(
    await countArchived(deps.db),
    text(
      "verifying {bar} {value}/{total} verifications, {eta_formatted} left",
      "核对 {bar} {value}/{total} 次核身，还需 {eta_formatted}",
    ),
  );
  const findings: AuditFinding[] = [];
  let audited = 0;
  const onAudited = () => {
    audited += 1;
    bar.step();
  };
  try {
    for await (const finding of audit(deps, onAudited)) findings.push(finding);
  } finally {
    bar.stop();
  }
  return { audited, findings };
}

/** `verify [<id>]`. */
export const verifyCommand = defineCommand({
  name: "archive verify",
  summary: text(
    "Reads archived evidence again, that of one verification or all of it: compares every hash, opens every seal, finds orphans.",
    "重新读取一次核身或全部的归档证据：比对每个哈希，解开每个加密，找出多余的对象。",
  ),
  details: WHICH_ARCHIVE,
  operands: ["[<id>]"],
  options: {
    json: { type: "boolean", help: text("the count and the problems as JSON", "以 JSON 给出数量和问题") },
  },
  examples: [
    ["", text("the whole archive", "全部归档")],
    ["ver_…", text("one verification", "一次核身")],
  ],
  exitCodes: [
    text("no problem found", "没有问题"),
    text("a problem found, or the archive cannot be read", "有问题，或无法读取归档"),
  ],
  run: async ({ json }, [id]) => {
    const { audited, findings } = await withArchive((deps) =>
      id === undefined ? verifyAll(deps) : verifyOne(deps, id),
    );
    if (json) printJson({ audited, findings });
    else {
      for (const { verificationId, object, problem } of findings)
        print(`${verificationId} ${object}: ${problem}`);
      print(
        text(
          `${counted(audited, "archived verification")} read: ${counted(findings.length, "problem")} found.`,
          `已核对 ${audited} 次归档的核身，发现 ${findings.length} 个问题。`,
        ),
      );
    }
    return findings.length === 0 ? 0 : 1;
  },
});

const counted = (count: number, noun: string): string =>
  `${count === 0 ? "no" : count} ${noun}${count === 1 ? "" : "s"}`;
