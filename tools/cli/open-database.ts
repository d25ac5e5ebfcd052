/** Opens the database of a deployment or of the local stack, for commands that need nothing else of it. */
import { readSettings } from "../../shared/config/read.ts";
import { type Connection, connect, type Database, databaseError } from "../../shared/store/database.ts";
import { text } from "../language/index.ts";
import { type Configuration, configuration } from "./configuration.ts";

/** Where every command finds its database, for the help. */
export const WHICH_DATABASE = text(
  `It works on the database that DATABASE_URL in the environment names, or, without it there, on that of the stack that runs on
LOCAL_DIR (.local), or, without one, on that of .env.`,
  `数据库由环境变量 DATABASE_URL 指定；没有它时，用在 LOCAL_DIR（.local）上运行的本机环境的数据库；没有本机环境时，用 .env
指定的数据库。`,
);

/** An open database, with the settings beside it. */
export interface OpenDatabase {
  readonly db: Database;
  readonly env: Configuration["env"];
  /** The time of the deployment or of the local stack. */
  readonly now: () => Date;
}

/** A command may read whole tables, which with millions of verifications takes minutes. */
const STATEMENT_TIMEOUT_MS = 600_000;

/** Opens a database for a command. */
export const connectForCommand = (databaseUrl: string): Connection =>
  connect(databaseUrl, { statementTimeoutMs: STATEMENT_TIMEOUT_MS });

/** Opens the database while `work` runs, with `open`. An unreachable one becomes an error with a sentence. */
export async function withDatabase<T>(
  work: (opened: OpenDatabase) => Promise<T>,
  open: (databaseUrl: string) => Connection = connectForCommand,
): Promise<T> {
  const { env, clockOffsetMs } = configuration(process.env);
  const { db, close } = open(readSettings(["DATABASE_URL"], env).DATABASE_URL);
  try {
    return await work({ db, env, now: () => new Date(Date.now() + clockOffsetMs) });
  } catch (error) {
    throw databaseError(error);
  } finally {
    await close();
  }
}
