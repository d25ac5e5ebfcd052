/** `keys rotate`: moves everything to the key that comes first. */
import { rotateKeys } from "../../../shared/archive/rotate-keys.ts";
import { countOutdated } from "../../../shared/store/rotation.ts";
import { withKeys } from "../../../shared/store/row-keys.ts";
import { text } from "../../language/index.ts";
import { WHICH_ARCHIVE, withArchive } from "../archive/open.ts";
import { defineCommand, print, printJson } from "../command.ts";
import { progress } from "../progress.ts";

/** `keys rotate`. */
export const rotateCommand = defineCommand({
  name: "keys rotate",
  summary: text(
    "Wraps every data key with the current key (KMS_KEY_ID, or else the first of MASTER_KEY), and gives rows of earlier versions one.",
    "用当前密钥（KMS_KEY_ID，没有时为 MASTER_KEY 的第一个）重新加密每个数据密钥，并为旧版本的记录补上数据密钥。",
  ),
  details: text(
    `Runs beside the functions, may be stopped at any moment and run again. Deploy the new MASTER_KEY first, as new,old.
${WHICH_ARCHIVE}`,
    `可与函数同时运行，可随时中断后重新运行。请先部署新的 MASTER_KEY，写作 新,旧。
${WHICH_ARCHIVE}`,
  ),
  options: {
    json: { type: "boolean", help: text("the counts and the failures as JSON", "以 JSON 给出数量和失败项") },
  },
  examples: [["", text("everything that still needs another key", "所有仍需其他密钥的内容")]],
  exitCodes: [
    text("nothing needs an earlier key any more", "不再有内容需要旧密钥"),
    text(
      "something does: a key is missing, evidence is broken, or functions were at work on it",
      "仍有内容需要：密钥缺失、证据损坏，或函数正在处理",
    ),
  ],
  run: async ({ json }) => {
    const done = await withArchive(async (deps) => {
      const bar = progress(
        await countOutdated(deps.db, deps.keyring),
        text(
          "rotating {bar} {value}/{total} verifications, {eta_formatted} left",
          "轮换 {bar} {value}/{total} 次核身，还需 {eta_formatted}",
        ),
      );
      try {
        return await withKeys(() => rotateKeys(deps, bar.step));
      } finally {
        bar.stop();
      }
    });
    const { rewrapped, resealed, skipped, failures } = done;
    if (json) printJson(done);
    else {
      for (const { verificationId, problem } of failures) print(`${verificationId}: ${problem}`);
      print(
        text(
          `${rewrapped} data keys wrapped, ${resealed} verifications sealed with a data key, ${skipped} at work, ${failures.length} failed.`,
          `重新加密 ${rewrapped} 个数据密钥，${resealed} 次核身改用数据密钥，${skipped} 次正在处理，${failures.length} 次失败。`,
        ),
      );
    }
    return failures.length + skipped > 0 ? 1 : 0;
  },
});
