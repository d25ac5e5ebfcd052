import { expect, test } from "vitest";
import { connect, type Database } from "../../shared/store/database.ts";
import { freshDatabase } from "../support/database.ts";

test.each([
  ["unless told otherwise", {}, 1],
  ["not where it is told so", { preparesStatements: false }, 0],
])("statements with a name are prepared once per connection, %s", async (_, options, prepared) => {
  const { db, close } = connect(await freshDatabase(), { connections: 1, ...options });
  for (let n = 0; n < 2; n += 1) {
    expect(await db.run({ name: "answer", text: "select $1::integer as n" }, [7])).toEqual([{ n: 7 }]);
  }
  const { rows } = await db.execute("select name from pg_prepared_statements where name = 'answer'");
  expect(rows).toHaveLength(prepared);
  await close();
});

test("a transaction has its connection to itself until it is over", async () => {
  const { db, close } = connect(await freshDatabase(), { connections: 1 });
  const idOf = async (tx: Database) => {
    const { rows } = await tx.execute<{ id: string }>("select pg_current_xact_id()::text as id");
    return rows[0]?.id;
  };
  const seen = () =>
    db.transaction(async (tx) => {
      const before = await idOf(tx);
      await tx.execute("select pg_sleep(0.05)");
      expect(await idOf(tx)).toBe(before);
      return before;
    });
  const [one, other] = await Promise.all([seen(), seen()]);
  expect(one).not.toBe(other);
  await close();
});
