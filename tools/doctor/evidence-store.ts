/** Can evidence be stored, read back unchanged, and removed? */
import { randomBytes, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { cosAccess, cosAccessSettings } from "../../shared/app/cos-access.ts";
import { type EvidenceStore, EvidenceStoreError } from "../../shared/archive/stores/evidence-store.ts";
import { openEvidenceStore } from "../../shared/archive/stores/index.ts";
import { readSettings } from "../../shared/config/read.ts";
import { archiveFolder, archiveUrlProblem, openingProblem } from "../deploy/archive-url.ts";
import { type Text, text } from "../language/index.ts";
import { bucketResult } from "./bucket.ts";
import { type Check, type CheckResult, failed, isSimulated, notChecked, passed } from "./check.ts";

/** Accepts the addresses that a deploy accepts; against the simulator, whose functions run here, any folder too. */
export const evidenceStoreCheck: Check = {
  name: text("ARCHIVE_URL: write, read and delete", "ARCHIVE_URL：写入、读取和删除"),
  run: (context) => {
    const { ARCHIVE_URL: url } = readSettings(["ARCHIVE_URL"], context.env);
    const inTheCloud = !isSimulated(context);
    const problem = inTheCloud ? archiveUrlProblem(url) : openingProblem(url);
    if (problem) {
      const fix = `${problem.fix.charAt(0).toUpperCase()}${problem.fix.slice(1)}`;
      return failed(text(`${problem.why}.`, `${problem.why}。`), text(`${fix}.`, `${fix}。`));
    }
    if (url.startsWith("cos:")) {
      return roundTrip(
        openEvidenceStore(url, () => cosAccess(readSettings(cosAccessSettings, context.env))),
      ).then((result) => (result.result === "passed" ? bucketResult(context, url) : result));
    }
    const folder = inTheCloud ? archiveFolder(url) : undefined;
    if (folder === undefined)
      return roundTrip(openEvidenceStore(url, () => cosAccess(readSettings(cosAccessSettings, context.env))));
    return existsSync(folder)
      ? roundTrip(
          openEvidenceStore(url, () => cosAccess(readSettings(cosAccessSettings, context.env))),
          text(
            `in ${folder} of this machine; the functions archive and maintain need the same CFS there`,
            `本机的 ${folder}；函数 archive 和 maintain 需要在同一路径挂载同一个 CFS`,
          ),
        )
      : notChecked(
          text(
            `The functions find it in ${folder}, where they mount a file system (CFS); this machine has no such folder.`,
            `函数在 ${folder} 挂载文件系统（CFS）；本机没有这个目录。`,
          ),
          text(
            "Mount CFS there for the functions archive and maintain (docs/deploy.md#evidence); to check it too, run the doctor on a machine that mounts it at the same path.",
            "请为函数 archive 和 maintain 在该路径挂载 CFS（docs/deploy.zh-CN.md#证据）；要一并检查，请在同一路径挂载了它的机器上运行 doctor。",
          ),
        );
  },
};

const checkRights = text(
  "Check that the bucket or folder exists, has room, and may be written, read and deleted.",
  "请检查存储桶或目录是否存在、有空间，并且可以写入、读取和删除。",
);

/** Writes a small object under `doctor/`, reads it, and removes it in any case. */
async function roundTrip(store: EvidenceStore, detail?: Text): Promise<CheckResult> {
  const name = `doctor/${randomUUID()}`;
  const bytes = randomBytes(64);
  let step = text("write", "写入");
  try {
    await store.put(name, bytes);
    step = text("read", "读取");
    if (!(await store.get(name))?.equals(bytes)) {
      return failed(
        text("It gave back other bytes than it was given.", "读回的内容与写入的不同。"),
        checkRights,
      );
    }
    step = text("delete", "删除");
    await store.remove(name);
    if (await store.get(name))
      return failed(text("It keeps what it was told to delete.", "删除之后内容仍在。"), checkRights);
    return passed(detail);
  } catch (error) {
    if (!(error instanceof EvidenceStoreError)) throw error;
    return failed(
      error.code
        ? text(`It does not ${step} (${error.code}).`, `无法${step}（${error.code}）。`)
        : text(`It does not ${step}.`, `无法${step}。`),
      checkRights,
    );
  } finally {
    await store.remove(name).catch(() => {}); // the result above already says what went wrong
  }
}
