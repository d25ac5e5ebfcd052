/** Looks into the archive of a running stack. */
import type { Stack } from "../../local/stack.ts";
import { cosAccess, cosAccessSettings } from "../../shared/app/cos-access.ts";
import { type AuditDeps, type AuditFinding, audit, auditVerification } from "../../shared/archive/audit.ts";
import { openEvidenceStore } from "../../shared/archive/stores/index.ts";
import { readSettings } from "../../shared/config/read.ts";
import { parseKeyring } from "../../shared/crypto/keyring.ts";
import { connect } from "../../shared/store/database.ts";

const openStore = (settings: Stack["settings"]) =>
  openEvidenceStore(settings["ARCHIVE_URL"] ?? "", () =>
    cosAccess(readSettings(cosAccessSettings, settings)),
  );

async function withArchive<T>(
  { databaseUrl, settings }: Pick<Stack, "databaseUrl" | "settings">,
  look: (deps: AuditDeps) => Promise<T>,
): Promise<T> {
  const { db, close } = connect(databaseUrl);
  try {
    const keyring = parseKeyring(settings["MASTER_KEY"] ?? "");
    return await look({ db, keyring, evidenceStore: openStore(settings) });
  } finally {
    await close();
  }
}

/** What an audit of one verification finds wrong, or of everything. */
export const archiveFindings = (
  stack: Pick<Stack, "databaseUrl" | "settings">,
  verificationId?: string,
): Promise<AuditFinding[]> =>
  withArchive(stack, async (deps) => {
    if (verificationId !== undefined) return auditVerification(deps, verificationId);
    const findings: AuditFinding[] = [];
    for await (const finding of audit(deps)) findings.push(finding);
    return findings;
  });

/** The names of all objects in the evidence store. */
export const storedObjects = (stack: Pick<Stack, "databaseUrl" | "settings">): Promise<string[]> =>
  withArchive(stack, async ({ evidenceStore }) => {
    const names: string[] = [];
    for await (const name of evidenceStore.list("")) names.push(name);
    return names;
  });
