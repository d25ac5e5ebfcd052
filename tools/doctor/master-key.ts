/** MASTER_KEY: does it open what the database holds? A lost key makes everything that it sealed worthless. */
import { asc, desc, isNotNull, type SQL } from "drizzle-orm";
import { readSettings } from "../../shared/config/read.ts";
import { DecryptionError } from "../../shared/crypto/seal.ts";
import { openIssued } from "../../shared/store/record.ts";
import { type VerificationRow, verification } from "../../shared/store/schema.ts";
import { type Check, failed, notChecked, passed } from "./check.ts";
import type { Context } from "./context.ts";
import { databaseInTheWay, onDatabase } from "./database.ts";
import { sqlState } from "./database-trouble.ts";

/** Opens the newest and the oldest sealed value and forgets them; the ids are in the order of time. */
export const masterKeyCheck: Check = {
  name: "MASTER_KEY",
  run: async (context) => {
    const { MASTER_KEY: keyring } = readSettings(["MASTER_KEY"], context.env);
    const inTheWay = await databaseInTheWay(context);
    if (inTheWay) return inTheWay;
    const ends = await newestAndOldest(context);
    if (!ends)
      return notChecked("The schema is not the newest.", "Run npm run migrate with this DATABASE_URL.");
    if (ends.length === 0) {
      return notChecked(
        "The database holds nothing sealed yet.",
        "Run the doctor again after the first verification.",
      );
    }
    try {
      for (const row of ends) openIssued(keyring, row);
      return passed("opens the newest and the oldest sealed record");
    } catch (error) {
      if (!(error instanceof DecryptionError)) throw error;
      return failed(
        "It does not open what this database holds: it was sealed with another key.",
        "Put the earlier key behind the new one in MASTER_KEY, separated by a comma; both ids must be as they were.",
      );
    }
  },
};

/** The rows at both ends, or `undefined` if there is no such table (42P01) or column (42703) yet. */
async function newestAndOldest(context: Context): Promise<readonly VerificationRow[] | undefined> {
  try {
    return await onDatabase(context, async (db) => {
      const first = (order: SQL) =>
        db.select().from(verification).where(isNotNull(verification.issued)).orderBy(order).limit(1);
      return [...(await first(desc(verification.id))), ...(await first(asc(verification.id)))];
    });
  } catch (error) {
    if (/^(42P01|42703)$/.test(sqlState(error))) return undefined;
    throw error;
  }
}
