/** `keys status`: which keys are still needed, and for what. */
import type { Keyring } from "../../../shared/crypto/keyring.ts";
import { countKeys, type KeyCount, type KeyUse } from "../../../shared/store/rotation.ts";
import { type Text, text } from "../../language/index.ts";
import { WHICH_ARCHIVE, withArchive } from "../archive/open.ts";
import { table } from "../archive/table.ts";
import { defineCommand, print, printJson } from "../command.ts";

const uses: readonly (readonly [KeyUse, Text])[] = [
  ["data key", text("DATA KEYS", "数据密钥")],
  ["value", text("SEALED BY ITSELF", "直接加密")],
  ["person", text("PERSONS", "人员索引")],
];

/** One key, with what still needs it. */
interface KeyStatus {
  readonly keyId: string;
  readonly isCurrent: boolean;
  /** False: something on record needs a key that this configuration does not have. */
  readonly isConfigured: boolean;
  readonly needed: Readonly<Record<KeyUse, number>>;
  readonly canBeRemoved: boolean;
}

/** What each key is needed for. What names no key may need any: then none but the current one can be told to be free. */
export function keyStatuses({ all, current, kms }: Keyring, counts: readonly KeyCount[]): KeyStatus[] {
  const isUnclear = counts.some(({ keyId }) => keyId === undefined);
  const currentIds = [current.id, ...(kms?.keyId ? [kms.keyId] : [])];
  const known = [...currentIds, ...all.map(({ id }) => id)];
  const named = counts.flatMap(({ keyId }) => (keyId === undefined ? [] : [keyId]));
  return [...new Set([...known, ...named])].map((keyId) => {
    const sum = (use: KeyUse) =>
      counts
        .filter((each) => each.use === use && each.keyId === keyId)
        .reduce((total, { count }) => total + count, 0);
    const needed = {
      "data key": sum("data key"),
      value: sum("value"),
      person: sum("person"),
      evidence: sum("evidence"),
    };
    const isCurrent = currentIds.includes(keyId);
    return {
      keyId,
      isCurrent,
      isConfigured: known.includes(keyId) || keyId.includes("/"),
      needed,
      canBeRemoved: !isCurrent && !isUnclear && Object.values(needed).every((count) => count === 0),
    };
  });
}

function verdictOf({ isCurrent, isConfigured, canBeRemoved }: KeyStatus): Text {
  if (!isConfigured) return text("MISSING: add it to MASTER_KEY again", "缺失：请重新写入 MASTER_KEY");
  if (isCurrent) return text("current", "当前");
  return canBeRemoved
    ? text("can be removed", "可以移除")
    : text("still needed: run keys rotate", "仍需要：请运行 keys rotate");
}

/** `keys status`. */
export const statusCommand = defineCommand({
  name: "keys status",
  summary: text(
    "Counts what needs which key, and tells which of them can be removed.",
    "统计各密钥还有多少内容需要，并指出哪些可以移除。",
  ),
  details: text(
    `Keep a key for a day after the deployment that put another one in front: Idempotency-Keys and result tokens
are still looked up under it. Keep it for as long as you keep backups that need it.
${WHICH_ARCHIVE}`,
    `新密钥部署后，旧密钥请再保留一天：Idempotency-Key 和结果凭据仍按它查找。
需要它的备份保留多久，它就要保留多久。
${WHICH_ARCHIVE}`,
  ),
  options: { json: { type: "boolean", help: text("one JSON array", "输出一个 JSON 数组") } },
  examples: [["", text("before an old key is removed from MASTER_KEY", "从 MASTER_KEY 移除旧密钥之前")]],
  exitCodes: [
    text("every key that is needed is there", "需要的密钥都在"),
    text("one is missing, or the database cannot be read", "有密钥缺失，或无法读取数据库"),
  ],
  run: ({ json }) =>
    withArchive(async ({ db, keyring }) => {
      const counts = await countKeys(db);
      const statuses = keyStatuses(keyring, counts);
      if (json) printJson(statuses);
      else {
        const head = [text("KEY", "密钥"), ...uses.map(([, title]) => title), text("STATE", "状态")];
        print(
          table(
            head,
            statuses.map((status) => [
              status.keyId,
              ...uses.map(([use]) => status.needed[use]),
              verdictOf(status),
            ]),
          ),
        );
        const unclear = counts
          .filter(({ keyId }) => keyId === undefined)
          .reduce((sum, { count }) => sum + count, 0);
        if (unclear > 0) {
          print(
            text(
              `${unclear} entries of an earlier version do not say which key they need: keys rotate finds out.`,
              `有 ${unclear} 项旧版本的内容没有注明所需密钥：keys rotate 会查明。`,
            ),
          );
        }
      }
      return statuses.every(({ isConfigured }) => isConfigured) ? 0 : 1;
    }),
});
