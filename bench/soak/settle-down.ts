/** The end of a soak: what is left is settled, delivered and archived, and everything that must be true then is looked at. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "pg";
import { archiveFindings } from "../../test/support/evidence.ts";
import type { SoakClient } from "./client.ts";
import { CHANNELS, type SoakFlow } from "./load.ts";
import type { EventReceiver } from "./receiver.ts";

/** Of the functions' connection pools. */
const MAX_CONNECTIONS_PER_INSTANCE = 2;
const MAX_QUIET_ROUNDS = 60;
/** Eight hours of simulated time: tokens end after two, and webhooks are tried again after five. */
const MAX_HASTY_ROUNDS = 32;
const HASTY_STEP = "15m";

/** WeChat gives a picture of those who passed only; the archive cannot tell and says lost. */
const NO_PICTURE = /^wechat (failed|expired) lost$/;

type Row = Readonly<Record<string, unknown>>;

/** Counts rows; `text` is what follows `from`. */
export const count = async (pool: Pool, text: string, values: readonly unknown[] = []): Promise<number> => {
  const { rows } = await pool.query<Row>(`select count(*)::int as n from ${text}`, [...values]);
  return Number(rows[0]?.["n"]);
};

/** Verifications with something still to be done. */
const OPEN = `verification where status = 'pending' or archive_status in ('due', 'archiving')`;
const UNDELIVERED = "outbound_event where delivered_at is null";

async function runTimers(client: SoakClient): Promise<void> {
  for (const timer of ["reconcile", "maintain", "archive", "deliver"]) await client.timer(timer);
}

/**
 * Runs the timers until nothing is left: first in real time, for everybody who has finished; then with the clock moved on,
 * for those who walked away and for what waits longer before it is tried again.
 */
export async function settleDown(client: SoakClient, pool: Pool, flows: readonly SoakFlow[]): Promise<void> {
  const finished = flows.filter(({ outcome }) => outcome === "passed").map(({ id }) => id);
  for (let round = 0; round < MAX_QUIET_ROUNDS; round += 1) {
    await runTimers(client);
    if ((await count(pool, `(${`select 1 from ${OPEN}`}) as open`)) === 0) break;
    const waiting = `verification where id = any($1) and (status = 'pending' or archive_status in ('due', 'archiving'))`;
    if ((await count(pool, waiting, [finished])) === 0) break;
    await sleep(1_000);
  }
  for (let round = 0; round < MAX_HASTY_ROUNDS; round += 1) {
    if ((await count(pool, OPEN)) + (await count(pool, UNDELIVERED)) === 0) return;
    await client.simulate("POST", "clock", { advance: HASTY_STEP });
    await sleep(500); // instances look at the clock's file
    await runTimers(client);
  }
}

/** One thing that must be true at the end. */
export interface Check {
  readonly name: string;
  readonly found: string;
  /** `known` is what somebody has to mend elsewhere. */
  readonly verdict: "right" | "WRONG" | "known";
}

/** There may be none of it. `more` says what was found. */
export const none = (name: string, found: number, more = ""): Check => ({
  name,
  found: `${found}${more && found > 0 ? `: ${more}` : ""}`,
  verdict: found === 0 ? "right" : "WRONG",
});

/** Looks at everything. */
export async function checkAll(
  client: SoakClient,
  pool: Pool,
  flows: readonly SoakFlow[],
  receiver: EventReceiver,
): Promise<Check[]> {
  const { platform, faults } = client.counts;
  const passed = flows.filter(({ outcome }) => outcome === "passed").map(({ id }) => id);
  const withoutPass = CHANNELS.filter(
    (channel) => !flows.some((flow) => flow.channel === channel && flow.outcome === "passed"),
  );
  const notPassed = flows.filter(({ outcome }) => outcome !== "passed").map(({ id }) => id);
  const { rows: events } = await pool.query<{ id: string }>("select id from outbound_event");
  const { rows: unkept } = await pool.query<{ what: string; n: number }>(
    `select concat_ws(' ', channel, status, archive_status) as what, count(*)::int as n from verification
     where archive_status in ('due', 'archiving', 'lost') group by 1 order by 1`,
  );
  const findings = await archiveFindings(client.stack);
  const instances = [...client.stack.functions.all.values()].reduce(
    (sum, { pool: { size } }) => sum + size,
    0,
  );
  const ours = "datname = current_database() and pid <> pg_backend_pid() and application_name <> 'soak'";
  const connections = await count(pool, `pg_stat_activity where ${ours}`);
  const room = instances * MAX_CONNECTIONS_PER_INSTANCE;
  return [
    none("answers in the platform's words, not explained by a kill", platform.length, platform[0]),
    none("answers of our own from 500 on other than 503", faults.length, faults[0]),
    {
      name: "channels without a verification that passed",
      found: `${withoutPass.length}${withoutPass.map((channel) => ` ${channel}`).join(",")}`,
      verdict: withoutPass.length === 0 ? "right" : "WRONG",
    },
    none("verifications pending", await count(pool, "verification where status = 'pending'")),
    none(
      "passed at the provider, not passed here",
      await count(pool, "verification where id = any($1) and status <> 'passed'", [passed]),
    ),
    none(
      "passed here, not at the provider",
      await count(pool, "verification where id = any($1) and status = 'passed'", [notPassed]),
    ),
    none(
      "evidence due, being archived or lost",
      unkept.filter(({ what }) => !what.match(NO_PICTURE)).reduce((sum, { n }) => sum + n, 0),
      unkept.map(({ what, n }) => `${n} ${what}`).join(", "),
    ),
    {
      name: "told as lost though WeChat has no picture of who did not pass",
      found:
        unkept.flatMap(({ what, n }) => (what.match(NO_PICTURE) ? [`${n} ${what}`] : [])).join(", ") || "0",
      verdict: unkept.some(({ what }) => what.match(NO_PICTURE)) ? "known" : "right", // an alarm that nobody needs
    },
    none(
      "passed without an archive",
      await count(pool, "verification where status = 'passed' and archive_status <> 'archived'"),
    ),
    none("findings of the audit", findings.length, findings[0]?.problem),
    none("events not marked as delivered", await count(pool, UNDELIVERED)),
    none("events that the receiver never took", events.filter(({ id }) => !receiver.taken.has(id)).length),
    none("events with a wrong signature", receiver.counts.forged),
    none(
      "transactions left open",
      await count(pool, `pg_stat_activity where ${ours} and state not in ('idle', 'active')`),
    ),
    {
      name: "connections to the database",
      found: `${connections} of at most ${room} for ${instances} instances`,
      verdict: connections <= room ? "right" : "WRONG",
    },
  ];
}
