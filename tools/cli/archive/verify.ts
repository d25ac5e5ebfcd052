/** `verify [<id>]`: reads the whole archive again, or one verification's part, and names the problems. */
import cliProgress from "cli-progress";
import {
  type AuditDeps,
  type AuditFinding,
  audit,
  auditVerification,
} from "../../../shared/archive/audit.ts";
import { countArchived } from "../../../shared/store/verifications.ts";
import { defineCommand, print, printJson } from "../command.ts";
import { requireVerification, WHICH_ARCHIVE, withArchive } from "./open.ts";

/** A progress bar on a terminal, nothing in a pipe. */
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
  const bar = progress(await countArchived(deps.db));
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
  summary:
    "Reads archived evidence again, that of one verification or all of it: compares every hash, opens every seal, finds orphans.",
  details: WHICH_ARCHIVE,
  operands: ["[<id>]"],
  options: { json: { type: "boolean", help: "the count and the problems as JSON" } },
  examples: [
    ["", "the whole archive"],
    ["ver_…", "one verification"],
  ],
  exitCodes: ["no problem found", "a problem found, or the archive cannot be read"],
  run: async ({ json }, [id]) => {
    const { audited, findings } = await withArchive((deps) =>
      id === undefined ? verifyAll(deps) : verifyOne(deps, id),
    );
    if (json) printJson({ audited, findings });
    else {
      for (const { verificationId, object, problem } of findings)
        print(`${verificationId} ${object}: ${problem}`);
      print(
        `${counted(audited, "archived verification")} read: ${counted(findings.length, "problem")} found.`,
      );
    }
    return findings.length === 0 ? 0 : 1;
  },
});

const counted = (count: number, noun: string): string =>
  `${count === 0 ? "no" : count} ${noun}${count === 1 ? "" : "s"}`;
