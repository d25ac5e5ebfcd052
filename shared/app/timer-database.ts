/** The database of a timer function; apart from `database.ts`, because it brings drizzle with it. */
import { connect, type Database } from "../store/database.ts";
import { type DatabaseSettings, statementOptions } from "./database.ts";

/** Opens it, from settings. */
export const timerDatabase = (settings: DatabaseSettings): Database =>
  connect(settings.DATABASE_URL, statementOptions(settings)).db;
