/** Looks into the archive of a running stack. */
import type { Stack } from "../../local/stack.ts";
import { type AuditDeps, audit, auditVerification, type Finding } from "../../shared/archive/audit.ts";
import { openVault } from "../../shared/archive/stores/index.ts";
import { parseKeyring } from "../../shared/crypto/keyring.ts";
import { connect } from "../../shared/store/database.ts";

async function withArchive<T>(
  { databaseUrl, settings }: Pick<Stack, "databaseUrl" | "settings">,
  look: (deps: AuditDeps) => Promise<T>,
): Promise<T> {
  const { db, close } = connect(databaseUrl);
  try {
    const keyring = parseKeyring(settings["MASTER_KEY"] ?? "");
    return await look({ db, keyring, vault: openVault(settings["ARCHIVE_URL"] ?? "") });
  } finally {
    await close();
  }
}

/** What an audit of one verification finds wrong, or of everything. */
export const archiveFindings = (
  stack: Pick<Stack, "databaseUrl" | "settings">,
  verificationId?: string,
): Promise<Finding[]> =>
  withArchive(stack, async (deps) => {
    if (verificationId !== undefined) return auditVerification(deps, verificationId);
    const findings: Finding[] = [];
    for await (const finding of audit(deps)) findings.push(finding);
    return findings;
  });

/** The names of all objects in the vault. */
export const vaultObjects = (stack: Pick<Stack, "databaseUrl" | "settings">): Promise<string[]> =>
  withArchive(stack, async ({ vault }) => {
    const names: string[] = [];
    for await (const name of vault.list("")) names.push(name);
    return names;
  });
