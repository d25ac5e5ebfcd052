/** From the setting to the evidence store. */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type CosAccess, cosStore, parseCosUrl } from "./cos.ts";
import type { EvidenceStore } from "./evidence-store.ts";
import { fileStore } from "./file.ts";

export { type CosAccess, type CosAddress, parseCosUrl } from "./cos.ts";

/**
 * Opens the evidence store that `ARCHIVE_URL` names. Throws an error that names the setting if the address cannot be used.
 *
 * @param access how COS is reached; called for a `cos://` address only
 * @example openEvidenceStore("file:/var/lib/zhenren/evidence", () => access)
 * @example openEvidenceStore("cos://evidence-1250000000/production?region=ap-guangzhou", () => access)
 */
export function openEvidenceStore(url: string, access: () => CosAccess): EvidenceStore {
  if (url.startsWith("file://")) return fileStore(fileURLToPath(url));
  if (url.startsWith("file:") && url.length > "file:".length) return fileStore(resolve(url.slice(5)));
  if (url.startsWith("cos:")) return cosStore(parseCosUrl(url), access());
  throw new Error("ARCHIVE_URL must be cos://<bucket>/<prefix>?region=<region> or file:<folder>");
}
