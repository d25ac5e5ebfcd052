/** A small world for the domain's tests: a real database, and a channel that says what the test tells it to. */
import { eq, sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import { onTestFinished, vi } from "vitest";
import type {
  Channel,
  Identity,
  Issue,
  IssueRequest,
  Observation,
  ObservedVerification,
} from "../../shared/channels/types.ts";
import { parseKeyring } from "../../shared/crypto/keyring.ts";
import { forgetServerDate } from "../../shared/providers/server-clock.ts";
import { connect, type Database } from "../../shared/store/database.ts";
import { sealIdentity, sealIssued } from "../../shared/store/record.ts";
import { attempt, outboundEvent, type VerificationRow, verification } from "../../shared/store/schema.ts";
import type { SettleDeps } from "../../shared/verification/settle.ts";
import type { StartDeps } from "../../shared/verification/start.ts";
import { EMPTYING } from "../support/database-pool.ts";
import { borrow } from "../support/run-parts.ts";
import { createdAt, expiresAt, nothingYet, purged } from "./observations.ts";

export const keyring = parseKeyring(`test-1:${Buffer.alloc(32, 7).toString("base64")}`);

/** A channel whose answers are the test's, with what it was asked. */
export interface ToldChannel extends Channel {
  readonly issued: IssueRequest[];
  /** How often each verification was asked about. */
  readonly asked: string[];
  /** What `issue` does before it answers; throw here to fail. */
  onIssue: (request: IssueRequest) => Promise<void> | void;
  /** What `observe` says. */
  onObserve: (verification: ObservedVerification) => Promise<Observation> | Observation;
}

/** A token as `told` issues it: recognisable, so that a dump can be searched for it. */
export const tokenOf = (id: string) => `TOKEN-SECRET-${id}`;

const issueOf = (id: string): Issue => ({
  issued: { token: tokenOf(id), start: { bizToken: tokenOf(id) }, account: { ruleId: "sim-rule" } },
  lifetimeSeconds: 7_200,
  resultSeconds: 259_200,
});

export function toldChannel(name: "mini-program" | "h5" = "mini-program"): ToldChannel {
  const channel: ToldChannel = {
    name,
    evidence: [["text"]],
    queryApi: "GetDetectInfoEnhanced",
    evidenceOfPassesOnly: false,
    usesResultTokens: false,
    issued: [],
    asked: [],
    onIssue: () => {},
    onObserve: () => nothingYet,
    issue: async (request) => {
      channel.issued.push(request);
      await channel.onIssue(request);
      return issueOf(request.verificationId);
    },
    observe: async (asked) => {
      channel.asked.push(asked.verificationId);
      return channel.onObserve(asked);
    },
    fetchEvidence: () => Promise.reject(new Error("the domain fetches nothing")),
  };
  return channel;
}

export interface World {
  readonly databaseUrl: string;
  readonly db: Database;
  readonly channel: ToldChannel;
  readonly settleDeps: SettleDeps;
  /** Without limits; tests of limits bring their own. */
  readonly startDeps: StartDeps;
  row(id: string): Promise<VerificationRow>;
  attempts(id: string): Promise<(typeof attempt.$inferSelect)[]>;
  events(): Promise<(typeof outboundEvent.$inferSelect)[]>;
  /** Puts a pending verification with a token into the database, created at {@link createdAt}. */
  pending(identity?: Identity, over?: Partial<typeof verification.$inferInsert>): Promise<VerificationRow>;
}

/** One database a process, lent when it is first needed and emptied for each world, which costs a tenth of connecting to another. */
let opened: ReturnType<typeof open> | undefined;

async function open() {
  const { text: databaseUrl } = await borrow("database");
  const connection = connect(databaseUrl);
  const { rows } = await connection.db.execute<{ emptying: string }>(
    sql.raw(`select ${EMPTYING} as emptying`),
  );
  return { databaseUrl, connection, emptying: sql.raw(rows[0]?.emptying ?? "") };
}

/** Forgets at once when the provider was asked, as if a second had passed before each question. */
const unthrottle = sql`
  create or replace function forget_observation() returns trigger language plpgsql as
    'begin new.observed_at := null; return new; end';
  create or replace trigger unthrottled before update on verification
    for each row execute function forget_observation()`;

async function emptyDatabase(throttled: boolean) {
  opened ??= open();
  const { databaseUrl, connection, emptying } = await opened;
  await connection.db.execute(
    throttled ? sql`drop trigger if exists unthrottled on verification` : unthrottle,
  );
  await connection.db.execute(emptying);
  return { databaseUrl, db: connection.db };
}

/**
 * Makes an empty world; the one before it in the same file is gone. Questions to the provider are not throttled, but for
 * tests of just that.
 */
export async function makeWorld({ throttled = false } = {}): Promise<World> {
  forgetServerDate(); // of the tests before
  const { databaseUrl, db } = await emptyDatabase(throttled);
  const channel = toldChannel();
  const row = async (id: string) => {
    const [found] = await db.select().from(verification).where(eq(verification.id, id));
    if (!found) throw new Error(`no row ${id}`);
    return found;
  };
  return {
    databaseUrl,
    db,
    channel,
    settleDeps: { db, keyring, channels: { "mini-program": channel } },
    startDeps: { db, keyring, channel, limitPerOwner: [], limitPerPerson: [] },
    row,
    attempts: (id) =>
      db.select().from(attempt).where(eq(attempt.verificationId, id)).orderBy(attempt.at, attempt.seq),
    events: () => db.select().from(outboundEvent).orderBy(outboundEvent.id),
    pending: async (identity, over = {}) => {
      const id = over.id ?? `ver_${uuidv7()}`;
      await db.insert(verification).values({
        id,
        channel: "mini-program",
        owner: "user-1",
        identity: identity ? sealIdentity(keyring, id, identity) : null,
        identitySource: identity ? "requested" : "none",
        issued: sealIssued(keyring, id, issueOf(id).issued),
        createdAt,
        expiresAt,
        purgeAt: purged,
        checkAt: createdAt,
        ...over,
      });
      return row(id);
    },
  };
}

/** The same database, of which `run` runs the statements. */
export const onRun = (db: Database, run: Database["run"]): Database =>
  new Proxy(db, { get: (target, key) => (key === "run" ? run : Reflect.get(target, key)) });

/** Makes it this late, for `Date` alone: timers and the database driver go on in real time. Undone after the test. */
export function setTime(now: Date): void {
  if (!vi.isFakeTimers()) {
    vi.useFakeTimers({ toFake: ["Date"] });
    onTestFinished(() => void vi.useRealTimers());
  }
  vi.setSystemTime(now);
}

/** More instances on the same database, each with a connection pool of its own. */
export function instances(world: World, count: number): { all: Database[]; close(): Promise<void> } {
  const open = Array.from({ length: count }, () => connect(world.databaseUrl));
  return {
    all: open.map(({ db }) => db),
    close: async () => void (await Promise.all(open.map((connection) => connection.close()))),
  };
}
