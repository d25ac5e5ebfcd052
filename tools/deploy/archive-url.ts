/** What ARCHIVE_URL may be in the cloud: one rule, for the deploy and for the doctor. */
import { normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { openEvidenceStore } from "../../shared/archive/stores/index.ts";
import { type Text, text, verbatim } from "../language/index.ts";

/** Why an ARCHIVE_URL cannot be used, and what to do; clauses without a full stop. */
export interface ArchiveUrlProblem {
  readonly why: Text;
  readonly fix: Text;
}

const fix = text(
  "set it to a bucket, such as cos://evidence-1250000000/production?region=ap-guangzhou, or to a folder on a mounted file system, such as file:/mnt/zhenren",
  "请设为存储桶，例如 cos://evidence-1250000000/production?region=ap-guangzhou，或挂载的文件系统中的目录，例如 file:/mnt/zhenren",
);

const noAccess = () => ({
  credential: () => {
    throw new Error("an address is checked without credentials");
  },
});

/** Why no evidence store can be opened by this address, here or in the cloud; `undefined` if one can. */
export function openingProblem(url: string): ArchiveUrlProblem | undefined {
  try {
    openEvidenceStore(url, noAccess); // only opened: nothing is asked
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : "unknown error";
    return {
      why: message.startsWith("ARCHIVE_URL")
        ? verbatim(message)
        : text(`ARCHIVE_URL cannot be used: ${message}`, `ARCHIVE_URL 无法使用：${message}`),
      fix,
    };
  }
}

/**
 * What is wrong with an ARCHIVE_URL for functions in the cloud; `undefined` if nothing is. Of a function's own disk only
 * /tmp can be written, and it is gone with the instance: a `file:` address must name a mounted file system (CFS).
 */
export function archiveUrlProblem(url: string): ArchiveUrlProblem | undefined {
  const problem = openingProblem(url);
  if (problem) return problem;
  const folder = archiveFolder(url);
  if (folder === undefined || (folder.startsWith("/") && !/^\/tmp(\/|$)/.test(folder))) return undefined;
  return {
    why: text(
      "ARCHIVE_URL names a folder of the function's own machine, where evidence would vanish with the instance",
      "ARCHIVE_URL 是函数所在机器的目录，证据会随实例一起消失",
    ),
    fix,
  };
}

/** The folder that a `file:` address names; `undefined` for other addresses. Throws if it cannot be opened. */
export function archiveFolder(url: string): string | undefined {
  if (!url.startsWith("file:")) return undefined;
  return normalize(url.startsWith("file://") ? fileURLToPath(url) : url.slice("file:".length));
}
