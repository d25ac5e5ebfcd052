/**
 * Histories: small stories over three virtual days, several side by side in one world of the same timers, database and weather, and
 * the judgement at their end. A seed gives the same ones again.
 */
import { createHash } from "node:crypto";
import { selectRow } from "../../shared/store/columns.ts";
import { type Database, databaseOn } from "../../shared/store/database.ts";
import { Bundle } from "./bundle.ts";
import { Connections } from "./connections.ts";
import { SimulatedDatabase } from "./database.ts";
import { judge } from "./invariants.ts";
import { chanceOf } from "./random.ts";
import { takeOverRequests } from "./receiver.ts";
import type { Remains } from "./remains.ts";
import { State } from "./state.ts";
import { begin, drawTroubles } from "./story.ts";
import { enter, realNow, takeOverTime, World } from "./time.ts";
import { runTimers } from "./timers.ts";

/** What the histories of one world came to. */
export interface WorldResult {
  readonly seed: number;
  readonly histories: number;
  readonly problems: readonly string[];
  /** Over everything that happened, in its order. */
  readonly traceHash: string;
  readonly verifications: number;
  readonly statements: number;
  readonly fates: Readonly<Record<string, number>>;
  readonly ms: number;
}

/** Worlds never share a time: ids that begin with it stay in order. 10,000 of them take two centuries. */
const FIRST_DAY = Date.UTC(2027, 0, 4);
const WORLD_MS = 9 * 86_400_000;
/** Seeds are folded into so many places in time, so that dates keep four digits. */
const PLACE_COUNT = 200_000;

const TABLES = [
  "verification",
  "verification_due",
  "attempt",
  "charged_count",
  "result_token",
  "seen_push",
  "access_token",
  "idempotency_key",
  "creation_count",
  "outbound_event",
  "call_budget",
  "erasure",
  "heartbeat",
  "access_log",
] as const;

/** Notes each change of what the invariants ask for, independently of the code. */
const WATCH = `
create table if not exists sim_log (place bigserial, id text, kind text, before text, after text);
create or replace function sim_note() returns trigger language plpgsql as $$ begin
  if new.status is distinct from old.status then insert into sim_log (id, kind, before, after) values (new.id, 'status', old.status, new.status); end if;
  if new.manifest is distinct from old.manifest then insert into sim_log (id, kind, before, after) values (new.id, 'manifest', old.manifest, new.manifest); end if;
  return null; end $$;
create or replace trigger sim_watch after update on verification for each row
  when (old.status is distinct from new.status or old.manifest is distinct from new.manifest) execute function sim_note();`;

const EMPTY = `truncate ${TABLES.join(", ")}, sim_log`;

/** Runs worlds in this process, which lives in virtual time from then on. */
export class Simulation {
  /** What to do with a promise that is rejected and that nobody waits for: on the platform it ends the instance. */
  onRejection: (reason: unknown) => void = () => {};

  private constructor(
    private readonly connections: Connections,
    private readonly database: SimulatedDatabase,
    private readonly db: Database,
    /** The world that runs. */
    private readonly current: { state?: State },
  ) {}

  /** Opens the database, which must be one of its own. */
  static async open(databaseUrl: string): Promise<Simulation> {
    const connections = await Connections.open(databaseUrl);
    await connections.query(WATCH);
    const current: { state?: State } = {};
    const state = () => current.state ?? new State();
    const database = new SimulatedDatabase(connections, () => ({
      isDown: () => state().isDatabaseDown(),
      onResult: (...told) => state().onResult(...told),
    }));
    const simulation = new Simulation(connections, database, databaseOn(database.pool(), true), current);
    process.on("unhandledRejection", (reason) => simulation.onRejection(reason));
    takeOverTime();
    takeOverRequests(() => state().receiver);
    return simulation;
  }

  /** Runs the world of a seed with so many histories. `onMoment` hears of everything that happens. */
  async run(
    seed: number,
    histories: number,
    onMoment: (line: string) => void = () => {},
  ): Promise<WorldResult> {
    const beganAt = realNow();
    await this.connections.query(EMPTY);
    const world = new World(chanceOf(seed), FIRST_DAY + (seed % PLACE_COUNT) * WORLD_MS);
    enter(world);
    const state = new State();
    this.current.state = state;
    const hash = createHash("sha256");
    world.onMoment = (line) => {
      hash.update(line);
      onMoment(line);
    };
    this.onRejection = (reason) => void state.broken.push(`nobody handles ${String(reason)}`);
    const bundle = new Bundle(this.db, state);
    const write = process.stdout.write;
    process.stdout.write = (line: unknown) => state.logged.push(String(line)) > 0;
    try {
      drawTroubles(state);
      begin(state, bundle, histories);
      let isOver = false;
      runTimers(state, bundle, this.connections, () => {
        isOver = true;
      });
      const ending = await world.run(() => isOver);
      if (ending !== "over") state.broken.push(`the world is ${ending}`);
      await this.database.reset();
    } finally {
      process.stdout.write = write;
    }
    const remains = await this.#remains();
    const problems = await judge(state, remains);
    hash.update(JSON.stringify([problems, remains.dump.length, Object.fromEntries(state.fates)]));
    return {
      seed,
      histories,
      problems,
      traceHash: hash.digest("hex").slice(0, 16),
      verifications: state.providers.flows.size,
      statements: state.statements,
      fates: Object.fromEntries(state.fates),
      ms: realNow() - beganAt,
    };
  }

  async #remains(): Promise<Remains> {
    const { rows } = await this.connections.query(
      `select ${selectRow("v")} from verification v order by v.id`,
    );
    const dump = await this.connections.query(
      TABLES.map((table) => `select '${table} ' || t::text as line from ${table} t`).join(" union all "),
    );
    const events = await this.connections.query(
      'select id, type, data, delivered_at as "deliveredAt", deliver_at as "deliverAt" from outbound_event order by id',
    );
    const changes = await this.connections.query("select * from sim_log order by place");
    return {
      rows,
      dump: dump.rows.map(({ line }) => String(line)),
      events: events.rows,
      changes: changes.rows,
    };
  }

  async close(): Promise<void> {
    await this.connections.close();
  }
}
