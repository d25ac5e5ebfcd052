/** `npm run migrate`: brings the database of `DATABASE_URL` to the newest schema. The local stack does it by itself. */
import { migrate } from "../../shared/store/migrate.ts";
import { withDotEnv } from "./dot-env.ts";

const databaseUrl = withDotEnv(process.env)["DATABASE_URL"];
if (!databaseUrl) {
  console.error(
    "DATABASE_URL is missing, in the environment and in .env: postgres://<user>:<password>@<host>:<port>/<database>.",
  );
  process.exitCode = 2;
} else {
  try {
    await migrate(databaseUrl);
    console.log("The database has the newest schema.");
  } catch (error) {
    // What PostgreSQL says names hosts, users and tables, never the password or a row.
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    console.error(
      `The database could not be migrated: ${cause instanceof Error ? cause.message : String(cause)}`,
    );
    process.exitCode = 1;
  }
}
