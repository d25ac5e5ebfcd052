/** From the setting to the vault. */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Vault } from "./evidence-store.ts";
import { fileVault } from "./file.ts";

/**
 * Opens the vault that `ARCHIVE_URL` names. Throws an error that names the setting if the address cannot be used.
 *
 * @example openVault("file:/var/lib/zhenren/vault")
 */
export function openVault(url: string): Vault {
  if (url.startsWith("file://")) return fileVault(fileURLToPath(url));
  if (url.startsWith("file:") && url.length > "file:".length) return fileVault(resolve(url.slice(5)));
  if (url.startsWith("cos://")) {
    throw new Error(
      "ARCHIVE_URL: this version keeps the archive in a folder (file:…), not yet in COS (cos://…)",
    );
  }
  throw new Error("ARCHIVE_URL must be file:<folder>");
}
