/** What the calls find in a filled database. */
import * as z from "zod";
import { findVerification } from "../../shared/store/verifications.ts";
import type { Found } from "./calls.ts";
import type { Measured } from "./measure-call.ts";

/** Looks up what the calls need. `rows`: as many as it was filled with. */
export async function findThings({ db, pool }: Measured, rows: number, now: Date): Promise<Found> {
  const textsOf = async (query: string) => {
    const answer = await pool.query<{ text: string }>(query);
    return z
      .array(z.object({ text: z.string() }))
      .parse(answer.rows)
      .map(({ text }) => text);
  };
  const rowOf = async (id: string | undefined) => {
    const row = await findVerification(db, id ?? "");
    if (!row) throw new Error("the bench's database lacks something");
    return row;
  };
  const idsWhere = (condition: string) =>
    textsOf(
      `select v.id as text from verification v join verification_due d on d.verification_id = v.id where ${condition}`,
    );
  const numbers = Array.from({ length: 200 }, () => Math.ceil(rows * (0.12 + 0.87 * Math.random())));
  const leased = await rowOf((await idsWhere("d.queue = 'archive' and archive_run is not null"))[0]);
  const pending = await Promise.all(
    (await idsWhere("d.queue = 'check' and channel = 'mini-program'")).slice(0, 100).map(rowOf),
  );
  return {
    now,
    ids: await textsOf(`select bench.id(n) as text from unnest(array[${numbers}]) n`),
    references: numbers.map((n) => `order-${n - (n % 2)}`),
    pending,
    leased: { ...leased, archiveRun: leased.archiveRun ?? "" },
    pushed: await rowOf((await idsWhere("d.queue = 'check' and channel = 'wechat'"))[0]),
    waitingEvents: await textsOf("select id as text from outbound_event where deliver_at is not null"),
  };
}
