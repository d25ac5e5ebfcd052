/** Opens the archive of a deployment or of the local stack. */
import { cosAccess, cosAccessSettings } from "../../../shared/app/cos-access.ts";
import { keyringWith } from "../../../shared/app/keys.ts";
import type { AuditDeps } from "../../../shared/archive/audit.ts";
import { openEvidenceStore } from "../../../shared/archive/stores/index.ts";
import { readSettings } from "../../../shared/config/read.ts";
import { databaseError } from "../../../shared/store/database.ts";
import type { VerificationRow } from "../../../shared/store/schema.ts";
import { findVerification } from "../../../shared/store/verifications.ts";
import { text } from "../../language/index.ts";
import { type Configuration, configuration } from "../configuration.ts";
import { connectForCommand } from "../open-database.ts";

/** Where every command finds its archive, for the help. */
export const WHICH_ARCHIVE = text(
  `The archive is the one that DATABASE_URL, MASTER_KEY and ARCHIVE_URL in the environment name, or, without DATABASE_URL
there, that of the stack that runs on LOCAL_DIR (.local), or, without one, that of .env.`,
  `归档由环境变量 DATABASE_URL、MASTER_KEY 和 ARCHIVE_URL 指定；没有 DATABASE_URL 时，用在 LOCAL_DIR（.local）上
运行的本机环境的归档；没有本机环境时，用 .env 指定的归档。`,
);

/** Opens the archive while `work` runs. An unreachable database becomes an error with a sentence. */
export async function withArchive<T>(
  work: (deps: Required<AuditDeps>) => Promise<T>,
  { env, clockOffsetMs }: Pick<Configuration, "env" | "clockOffsetMs"> = configuration(process.env),
): Promise<T> {
  const settings = readSettings(["DATABASE_URL", "MASTER_KEY", "KMS_KEY_ID", "ARCHIVE_URL"], env);
  const evidenceStore = openEvidenceStore(settings.ARCHIVE_URL, () =>
    cosAccess(readSettings(cosAccessSettings, env)),
  );
  const { db, close } = connectForCommand(settings.DATABASE_URL);
  try {
    return await work({
      db,
      keyring: keyringWith(settings, () => readSettings(cosAccessSettings, env)),
      evidenceStore,
      now: () => Date.now() + clockOffsetMs,
    });
  } catch (error) {
    throw databaseError(error);
  } finally {
    await close();
  }
}

/** The verification with this id. Throws if there is none. */
export async function requireVerification(
  { db }: Pick<AuditDeps, "db">,
  id: string,
): Promise<VerificationRow> {
  const row = await findVerification(db, id);
  if (row) return row;
  const quoted = JSON.stringify(id);
  throw new Error(text(`There is no verification ${quoted}.`, `没有核身 ${quoted}。`));
}
