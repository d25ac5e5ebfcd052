/** `npx zhenren migrate`: brings the database of `DATABASE_URL` to the newest schema. The local stack does it by itself. */
import { reapplyErasures } from "../../shared/archive/erase.ts";
import { migrate } from "../../shared/store/migrate.ts";
import { text } from "../language/index.ts";
import { withArchive } from "./archive/open.ts";
import { defineCommand, print, UsageError } from "./command.ts";
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
    text("the database could not be migrated", "数据库无法迁移"),
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
    await forgetErased();
    print(text("The database has the newest schema.", "数据库已是最新的表结构。"));
    return 0;
  },
});

/** A database that was restored from a backup may know persons again who were erased since: the receipts say who. */
async function forgetErased(): Promise<void> {
  const env = withDotEnv(process.env);
  if (!env["ARCHIVE_URL"] || !env["MASTER_KEY"]) return;
  const applied = await withArchive(reapplyErasures, { env, clockOffsetMs: 0 });
  if (applied === 0) return;
  print(
    text(
      `${applied} erasures that this database did not know were applied again.`,
      `已重新执行这个数据库中没有的 ${applied} 次删除。`,
    ),
  );
}

process.exitCode = await command.run(process.argv.slice(2));
