/** `verify [<id>]`: reads the whole archive again, or one verification's part, and says what is not as it should be. */
import cliProgress from "cli-progress";
import { type AuditFinding, audit, auditVerification } from "../../../shared/archive/audit.ts";
import { countArchived } from "../../../shared/store/verifications.ts";
import { allow, existing, idFrom, type Options, withArchive } from "./open.ts";
import { writeJson } from "./table.ts";

/** One line a finding. */
function writeFindings(findings: readonly AuditFinding[]): void {
  for (const { verificationId, object, problem } of findings) {
    process.stdout.write(`${verificationId} ${object}: ${problem}\n`);
  }
}

/** Where one sees how far it is: a bar on a terminal, nothing in a pipe. */
function progress(total: number): { step(): void; stop(): void } {
  if (!process.stderr.isTTY || total === 0) return { step: () => {}, stop: () => {} };
  const bar = new cliProgress.SingleBar({
    format: "verifying {bar} {value}/{total} verifications, {eta_formatted} left",
    stream: process.stderr,
    clearOnComplete: true,
  });
  bar.start(total, 0);
  return { step: () => bar.increment(), stop: () => bar.stop() };
}

/** Verifies; exit code 1 if there is a finding. */
export async function verifyCommand(operands: readonly string[], options: Options): Promise<number> {
  allow(options);
  const one = operands.length > 0 ? idFrom(operands) : undefined;
  const { audited, findings } = await withArchive(async (deps) => {
    if (one !== undefined) {
      const row = await existing(deps, one);
      return {
        audited: row.archiveStatus === "archived" ? 1 : 0,
        findings: await auditVerification(deps, row.id),
      };
    }
    const bar = progress(await countArchived(deps.db));
    const found: AuditFinding[] = [];
    let count = 0;
    const onAudited = () => {
      count += 1;
      bar.step();
    };
    try {
      for await (const finding of audit(deps, onAudited)) found.push(finding);
    } finally {
      bar.stop();
    }
    return { audited: count, findings: found };
  });
  if (options.json) writeJson({ audited, findings });
  else {
    writeFindings(findings);
    const result = findings.length === 0 ? "all as it should be" : `${findings.length} not as it should be`;
    process.stdout.write(`${audited} archived verification${audited === 1 ? "" : "s"} read: ${result}.\n`);
  }
  return findings.length === 0 ? 0 : 1;
}
