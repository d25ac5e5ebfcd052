/**
 * The database as instances see it: real statements on real connections, each of which is a call that takes its time and may
 * meet its fate. `now()` is the virtual time. One statement runs at a time; one that waits for a lock waits on while others go on.
 */
import { PassThrough } from "node:stream";
import { Client, Pool, type QueryConfig, type QueryResult } from "pg";
import type { Connections, RealConnection } from "./connections.ts";
import { type Gate, gate } from "./gate.ts";
import { type Instance, Later, thisInstance } from "./instance.ts";
import { theWorld } from "./time.ts";

/** As `statement_timeout` of the code, which real time cannot serve. */
const STATEMENT_TIMEOUT_MS = 7_000;

/** What the history wants to know of statements. */
export interface DatabaseEvents {
  /** True while no server answers. */
  readonly isDown: () => boolean;
  readonly onResult: (instance: Instance, statement: QueryConfig, result: QueryResult) => void;
}

const connectionLost = () =>
  Object.assign(new Error("Connection terminated unexpectedly"), { code: "ECONNRESET" });

const USES_CLOCK = /\b(now|clock_timestamp)\(\)/g;

/** A statement as it is sent: with a name, so that the server parses and plans it once per connection. */
interface Prepared {
  readonly name: string;
  readonly text: string;
  readonly needsTime: boolean;
}
const prepared = new Map<string, Prepared>();

/** Puts the virtual time in the place of the server's, as one more parameter. */
function atVirtualTime(config: QueryConfig, values: readonly unknown[]): QueryConfig {
  let own = prepared.get(config.text);
  if (own === undefined) {
    const text = config.text.replaceAll(USES_CLOCK, `$${values.length + 1}::timestamptz`);
    own = { name: `simulated-${prepared.size}`, text, needsTime: text !== config.text };
    prepared.set(config.text, own);
  }
  const { name, text, needsTime } = own;
  return {
    ...config,
    name,
    text,
    values: needsTime ? [...values, new Date(Math.floor(theWorld().now))] : [...values],
  };
}

const labelOf = ({ name, text }: QueryConfig): string => name ?? text.replaceAll(/\s+/g, " ").slice(0, 40);

/** Connections that one instance may have at once, as `connect` of the store. */
const MAX_CONNECTIONS = 2;

/** One connection of one instance. */
interface Session {
  readonly instance: Instance;
  readonly connection: RealConnection;
  readonly leave: () => void;
  /** Why it cannot be used any more. */
  failure: Error | undefined;
  isOver: boolean;
}

interface Waiting {
  readonly session: Session;
  readonly answer: Promise<QueryResult>;
  readonly later: Later<QueryResult>;
}

/** The database of all instances of a process. */
export class SimulatedDatabase {
  #waiting: Waiting[] = [];
  #sessions: Session[] = [];
  readonly #gates = new WeakMap<Instance, Gate>();
  readonly #stream = new PassThrough();

  constructor(
    private readonly connections: Connections,
    private readonly events: () => DatabaseEvents,
  ) {}

  /** The pool of whichever instance asks it. */
  pool(): Pool {
    const connect = async () => this.#clientOf(await this.#open());
    const query = async (config: QueryConfig, values?: unknown[]) => {
      const session = await this.#open();
      try {
        return await this.#run(session, config, values ?? config.values ?? []);
      } finally {
        this.#release(session);
      }
    };
    return replaceMethods(new Pool(), { connect, query });
  }

  /** Forgets everything that instances have open. */
  async reset(): Promise<void> {
    for (const session of [...this.#sessions]) await this.#end(session);
  }

  async #open(): Promise<Session> {
    const instance = thisInstance();
    let places = this.#gates.get(instance);
    if (!places) {
      places = gate(MAX_CONNECTIONS);
      this.#gates.set(instance, places);
      instance.onDeath.push(async () => {
        for (const session of this.#sessions.filter((each) => each.instance === instance))
          await this.#end(session);
      });
    }
    const leave = await places.enter();
    const session = {
      instance,
      connection: this.connections.take(),
      leave,
      failure: undefined,
      isOver: false,
    };
    this.#sessions.push(session);
    return session;
  }

  /** What code gets for a connection of a pool. */
  #clientOf(session: Session): Client {
    const query = (config: QueryConfig | string, values?: unknown[]) => {
      const whole = typeof config === "string" ? { text: config } : config;
      return this.#run(session, whole, values ?? whole.values ?? []);
    };
    return replaceMethods(new Client({ stream: () => this.#stream }), {
      query,
      release: () => this.#release(session),
      getTransactionStatus: () => (session.failure ? "E" : session.connection.client.getTransactionStatus()),
    });
  }

  #release(session: Session): void {
    session.leave();
    if (session.connection.isInTransaction || session.isOver) {
      theWorld().later(0, "a connection ends", () => this.#end(session));
    } else this.#forget(session);
  }

  #forget(session: Session): void {
    if (session.isOver) return;
    session.isOver = true;
    this.#sessions = this.#sessions.filter((each) => each !== session);
    this.connections.giveBack(session.connection);
  }

  /** The connection ends, and what it had open is undone. */
  async #end(session: Session): Promise<void> {
    if (session.isOver) return;
    const waits = this.#waiting.find((each) => each.session === session);
    this.#waiting = this.#waiting.filter((each) => each !== waits);
    if (waits) {
      await this.connections.cancel(session.connection);
      await waits.answer.catch(() => {});
    }
    if (session.connection.isInTransaction) await session.connection.client.query("rollback");
    this.#forget(session);
    await this.#recheck();
  }

  #run(session: Session, config: QueryConfig, values: readonly unknown[]): Promise<QueryResult> {
    if (session.failure) return Promise.reject(session.failure);
    const { instance } = session;
    const label = labelOf(config);
    const trouble = () => {
      session.failure ??= connectionLost();
      return session.failure;
    };
    return instance.call<QueryResult>({
      seam: "database",
      label,
      trouble,
      work: async () => {
        if (this.events().isDown()) throw trouble();
        return this.#execute(session, atVirtualTime(config, values));
      },
    });
  }

  async #execute(session: Session, config: QueryConfig): Promise<QueryResult | Later<QueryResult>> {
    const { connection, instance } = session;
    const answer = connection.client.query(config).then((result) => {
      this.events().onResult(instance, config, result);
      return result;
    });
    const isAlone = this.#sessions.every((each) => each === session || !each.connection.isInTransaction);
    if (isAlone || (await this.connections.hasAnswered(connection, answer))) {
      const result = await answer;
      if (!connection.isInTransaction) await this.#recheck();
      return result;
    }
    const later = new Later<QueryResult>();
    const waits = { session, answer, later };
    this.#waiting.push(waits);
    const timeOut = async () => {
      if (!this.#waiting.includes(waits)) return;
      await this.connections.cancel(connection);
      this.#ready(waits);
    };
    theWorld().later(STATEMENT_TIMEOUT_MS, "statement timeout", timeOut);
    return later;
  }

  #ready(waits: Waiting): void {
    this.#waiting = this.#waiting.filter((each) => each !== waits);
    waits.later.onReady(waits.answer);
  }

  /** Locks are free again: statements that waited for them go on, in the order in which they came. */
  async #recheck(): Promise<void> {
    for (const waits of [...this.#waiting]) {
      if (await this.connections.hasAnswered(waits.session.connection, waits.answer)) this.#ready(waits);
    }
  }
}

/** The object with these methods in the place of its own. */
function replaceMethods<T extends object>(object: T, methods: Readonly<Record<string, unknown>>): T {
  for (const [name, value] of Object.entries(methods)) Object.defineProperty(object, name, { value });
  return object;
}
