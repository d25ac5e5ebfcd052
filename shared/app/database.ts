/** From settings to the database of a function. */
import type { SettingsOf } from "../config/read.ts";
import { connectSql, type Sql } from "../store/sql.ts";

/** The settings that every function with a database reads. */
export const databaseSettings = ["DATABASE_URL", "DATABASE_PREPARED_STATEMENTS"] as const;

/** Their values. */
export type DatabaseSettings = SettingsOf<typeof databaseSettings>;

/** How statements are sent, by the settings. */
export const statementOptions = ({ DATABASE_PREPARED_STATEMENTS: prepared }: DatabaseSettings) => ({
  preparesStatements: prepared === "on",
});

/** The database of a function that answers requests. */
export const requestDatabase = (settings: DatabaseSettings): Sql =>
  connectSql(settings.DATABASE_URL, statementOptions(settings)).sql;
