/** Can evidence be stored, read back unchanged, and removed? */
import { randomBytes, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { type EvidenceStore, EvidenceStoreError } from "../../shared/archive/stores/evidence-store.ts";
import { openEvidenceStore } from "../../shared/archive/stores/index.ts";
import { readSettings } from "../../shared/config/read.ts";
import { archiveFolder, archiveUrlProblem, openingProblem } from "../deploy/archive-url.ts";
import { type Check, type CheckResult, failed, isSimulated, notChecked, passed } from "./check.ts";

/** Accepts the addresses that a deploy accepts; against the simulator, whose functions run here, any folder too. */
export const evidenceStoreCheck: Check = {
  name: "ARCHIVE_URL: write, read and delete",
  run: (context) => {
    const { ARCHIVE_URL: url } = readSettings(["ARCHIVE_URL"], context.env);
    const inTheCloud = !isSimulated(context);
    const problem = inTheCloud ? archiveUrlProblem(url) : openingProblem(url);
    if (problem) {
      return failed(`${problem.why}.`, `${problem.fix.charAt(0).toUpperCase()}${problem.fix.slice(1)}.`);
    }
    const folder = inTheCloud ? archiveFolder(url) : undefined;
    if (folder === undefined) return roundTrip(openEvidenceStore(url));
    return existsSync(folder)
      ? roundTrip(
          openEvidenceStore(url),
          `in ${folder} of this machine; the function archive needs the same CFS there`,
        )
      : notChecked(
          `The functions find it in ${folder}, where they mount a file system (CFS); this machine has no such folder.`,
          "Mount CFS there for the function archive (docs/deploy.md, Evidence); to check it too, run the doctor on a machine that mounts it at the same path.",
        );
  },
};

const checkRights = "Check that the bucket or folder exists, has room, and may be written, read and deleted.";

/** Writes a small object under `doctor/`, reads it, and removes it in any case. */
async function roundTrip(store: EvidenceStore, detail?: string): Promise<CheckResult> {
  const name = `doctor/${randomUUID()}`;
  const bytes = randomBytes(64);
  let step = "write";
  try {
    await store.put(name, bytes);
    step = "read";
    if (!(await store.get(name))?.equals(bytes)) {
      return failed("It gave back other bytes than it was given.", checkRights);
    }
    step = "delete";
    await store.remove(name);
    if (await store.get(name)) return failed("It keeps what it was told to delete.", checkRights);
    return passed(detail);
  } catch (error) {
    if (!(error instanceof EvidenceStoreError)) throw error;
    return failed(`It does not ${step}${error.code ? ` (${error.code})` : ""}.`, checkRights);
  } finally {
    await store.remove(name).catch(() => {}); // the result above already says what went wrong
  }
}
