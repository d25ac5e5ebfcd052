/** `npm run migrate`: brings the database of `DATABASE_URL` to the newest schema. The local stack does it by itself. */
import { migrate } from "../../shared/store/migrate.ts";
import { defineCommand, print, UsageError } from "./command.ts";
import { withDotEnv } from "./dot-env.ts";

const command = defineCommand({
  name: "migrate",
  summary:
    "Brings the database that DATABASE_URL names, in the environment or in .env, to the newest schema.",
  details: "Run again, it changes nothing.",
  options: {},
  examples: [["", "before each deploy of a new version"]],
  exitCodes: ["the schema is the newest", "the database could not be migrated"],
  run: async () => {
    const databaseUrl = withDotEnv(process.env)["DATABASE_URL"];
    if (!databaseUrl) {
      throw new UsageError(
        "DATABASE_URL is missing, in the environment and in .env: postgres://<user>:<password>@<host>:<port>/<database>.",
      );
    }
    try {
      await migrate(databaseUrl);
    } catch (error) {
      // PostgreSQL's messages name hosts, users and tables, never the password or a row.
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`The database could not be migrated: ${message}`);
    }
    print("The database has the newest schema.");
    return 0;
  },
});

process.exitCode = await command.run(process.argv.slice(2));
