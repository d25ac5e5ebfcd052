import { expect, test } from "vitest";
import { connect } from "../../shared/store/database.ts";
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
