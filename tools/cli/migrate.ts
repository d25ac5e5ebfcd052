/** `npx zhenren migrate`: brings the database of `DATABASE_URL` to the newest schema. The local stack does it by itself. */
import { reapplyErasures } from "../../shared/archive/erase.ts";
import { EvidenceStoreError } from "../../shared/archive/stores/evidence-store.ts";
import { migrate } from "../../shared/store/migrate.ts";
import { text } from "../language/index.ts";
import { withArchive } from "./archive/open.ts";
import { defineCommand, print, printError, UsageError } from "./command.ts";
import { withDotEnv } from "./dot-env.ts";

const command = defineCommand({
  name: "migrate",
  summary: text(
    "Brings the database that DATABASE_URL names, in the environment or in .env, to the newest schema.",
    "把 DATABASE_URL（取自环境变量或 .env）指向的数据库升级到最新的表结构。",
  ),
  details: text("Run again, it changes nothing.", "重复运行不会再改动任何东西。"),
  options: {},
  examples: [["", text("before each deploy of a new version", "每次部署新版本之前")]],
  exitCodes: [
    text("the schema is the newest", "表结构已是最新"),
    text(
      "the database could not be migrated, or erasures could not be applied to it again",
      "数据库无法迁移，或无法重新执行删除",
    ),
  ],
  run: async () => {
    const databaseUrl = withDotEnv(process.env)["DATABASE_URL"];
    if (!databaseUrl) {
      throw new UsageError(
        text(
          "DATABASE_URL is missing, in the environment and in .env: postgres://<user>:<password>@<host>:<port>/<database>.",
          "环境变量和 .env 中都没有 DATABASE_URL：postgres://<用户>:<密码>@<主机>:<端口>/<数据库>。",
        ),
      );
    }
    try {
      await migrate(databaseUrl);
    } catch (error) {
      // PostgreSQL's messages name hosts, users and tables, never the password or a row.
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new Error(text(`The database could not be migrated: ${message}`, `数据库无法迁移：${message}`));
    }
    print(text("The database has the newest schema.", "数据库已是最新的表结构。"));
    await forgetErased();
    return 0;
  },
});

/**
 * A database that was restored from a backup may know persons again who were erased since: the receipts say who. An evidence
 * store that cannot be read does not stop a deployment: each run of `maintain` does the same.
 */
async function forgetErased(): Promise<void> {
  const env = withDotEnv(process.env);
  const { ARCHIVE_URL: url, MASTER_KEY: masterKey } = env;
  if (!url || !masterKey) return;
  let applied: number;
  try {
    applied = await withArchive(reapplyErasures, { env, clockOffsetMs: 0 });
  } catch (error) {
    if (!(error instanceof EvidenceStoreError)) throw error;
    printError(
      text(
        `Receipts of erasures were not read: ${error.message}. If the database comes from a backup, it may hold persons who were erased. Grant this key name/cos:GetObject on ${url} (for a folder: the right to read it) and run this again, or wait for the next run of the function maintain, which does the same.`,
        `没有读取删除的回执：${error.message}。如果数据库是从备份恢复的，其中可能仍有已删除的人员。请为该密钥授予 ${url} 的 name/cos:GetObject 权限（目录则为读取权限）后重新运行，或等待函数 maintain 的下一次运行，它会做同样的事。`,
      ),
    );
    return;
  }
  if (applied === 0) return;
  print(
    text(
      `${applied} erasures that this database did not know were applied again.`,
      `已重新执行这个数据库中没有的 ${applied} 次删除。`,
    ),
  );
}

process.exitCode = await command.run(process.argv.slice(2));
