/** From the setting to the evidence store. */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { EvidenceStore } from "./evidence-store.ts";
import { fileStore } from "./file.ts";

/**
 * Opens the evidence store that `ARCHIVE_URL` names. Throws an error that names the setting if the address cannot be used.
 *
 * @example openVault("file:/var/lib/zhenren/evidence")
 */
export function openEvidenceStore(url: string): EvidenceStore {
  if (url.startsWith("file://")) return fileStore(fileURLToPath(url));
  if (url.startsWith("file:") && url.length > "file:".length) return fileStore(resolve(url.slice(5)));
  if (url.startsWith("cos://")) {
    throw new Error(
      "ARCHIVE_URL: this version keeps the archive in a folder (file:…), not yet in COS (cos://…)",
    );
  }
  throw new Error("ARCHIVE_URL must be file:<folder>");
}
