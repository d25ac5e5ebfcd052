/** The vault: can evidence be stored, read back as it was, and removed? */
import { randomBytes, randomUUID } from "node:crypto";
import { type EvidenceStore, EvidenceStoreError } from "../../shared/archive/stores/evidence-store.ts";
import { openEvidenceStore } from "../../shared/archive/stores/index.ts";
import { readSettings } from "../../shared/config/read.ts";
import { type Check, failed, type Outcome, passed } from "./check.ts";
import { isSimulated } from "./context.ts";

const lookAtRights =
  "Look whether the bucket or folder exists, has room, and lets these credentials write, read and delete.";

/** Writes a small object under `doctor/`, reads it, and removes it whatever happened. */
export const vaultCheck: Check = {
  name: "ARCHIVE_URL: write, read and delete",
  run: async (context) => {
    const { ARCHIVE_URL: url } = readSettings(["ARCHIVE_URL"], context.env);
    if (url.startsWith("file:") && !isSimulated(context)) {
      return failed(
        "A folder of a cloud function is gone with its instance.",
        "Set ARCHIVE_URL to a private COS bucket, cos://<bucket>/<prefix>?region=….",
      );
    }
    const vault = opened(url);
    return "result" in vault ? vault : roundTrip(vault);
  },
};

/** `openVault` names the setting in its error and repeats no more than its scheme. */
function opened(url: string): EvidenceStore | Outcome {
  try {
    return openEvidenceStore(url);
  } catch (error) {
    const why = error instanceof Error ? error.message : "The vault cannot be opened";
    return failed(`${why}.`, "Set ARCHIVE_URL as the message says.");
  }
}

async function roundTrip(vault: EvidenceStore): Promise<Outcome> {
  const name = `doctor/${randomUUID()}`;
  const bytes = randomBytes(64);
  let step = "write";
  try {
    await vault.put(name, bytes);
    step = "read";
    if (!(await vault.get(name))?.equals(bytes)) {
      return failed("It gave back other bytes than it was given.", lookAtRights);
    }
    step = "delete";
    await vault.remove(name);
    if (await vault.get(name)) return failed("It keeps what it was told to delete.", lookAtRights);
    return passed();
  } catch (error) {
    if (!(error instanceof EvidenceStoreError)) throw error;
    return failed(`It does not ${step}${reason(error)}.`, lookAtRights);
  } finally {
    await vault.remove(name).catch(() => {}); // whatever stopped the check has been told already
  }
}

/** The code at the end of a vault's message, such as `EACCES`. */
const reason = ({ message }: EvidenceStoreError): string => / \(\w+\)$/.exec(message)?.[0] ?? "";
