/**
 * A whole stack for the tests of one file or of one `describe`: gateway, function processes, simulator, PostgreSQL, data
 * in a folder of its own. Functions start with their first event, timers run when a test says so.
 */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "pg";
import { afterAll, beforeAll, expect, vi } from "vitest";
import * as z from "zod";
import { loadSecrets } from "../../local/secrets.ts";
import { type Stack, startStack } from "../../local/stack.ts";
import type { TimerName } from "../../shared/app/scheduled-function.ts";
import { bearerToken, Caller, type CallerSurroundings } from "./callers.ts";
import { clusterPassword, copyCluster } from "./cluster.ts";
import { expectDocumented } from "./contract.ts";
import { freshDatabase } from "./database.ts";
import { type Answer, type Sent, send } from "./request.ts";
import { bundles, cluster, postgresLog } from "./run-parts.ts";
import { SimulatorControls } from "./simulator-controls.ts";

const timerResult = z.record(z.string(), z.number());

/** What a stack of tests may differ in. */
export interface TestStackOptions {
  /** Whether it has a PostgreSQL server of its own, which takes seconds, instead of a database on the run's server. */
  readonly ownServer?: boolean;
}

/** Starts a stack before the tests of the surrounding block and ends it after them. */
export function stackForTests(
  env: Readonly<Record<string, string>> = {},
  options: TestStackOptions = {},
): TestStack {
  const stack = new TestStack(env, options);
  beforeAll(() => stack.start());
  afterAll(() => stack.stop());
  return stack;
}

/** Puts the data folder of a server with the newest schema where the stack will look for it. */
export async function copyServer(localDir: string): Promise<void> {
  const secrets = { ...loadSecrets(localDir), databasePassword: clusterPassword };
  writeFileSync(join(localDir, "secrets.json"), JSON.stringify(secrets));
  copyCluster(await cluster(), localDir);
}

/** A stack with everything that tests ask it. */
export class TestStack implements CallerSurroundings {
  #stack: Stack | undefined;
  #pool: Pool | undefined;
  readonly #secrets = new Set<string>();

  constructor(
    private readonly env: Readonly<Record<string, string>>,
    private readonly options: TestStackOptions = {},
  ) {}

  async start(): Promise<void> {
    const localDir = mkdtempSync(join(tmpdir(), "zhenren-stack-"));
    chmodSync(localDir, 0o711); // PostgreSQL may run as another user
    const { env } = this;
    const ports = { port: 0, simulatorPort: 0 };
    const forTests = { temporary: true, fsync: false, timers: false, warm: false };
    if (this.options.ownServer) await copyServer(localDir);
    const database = this.options.ownServer ? {} : { databaseUrl: await freshDatabase() };
    const distDir = await bundles();
    this.#stack = await startStack({ localDir, distDir, ...ports, ...forTests, ...database, env });
    this.#pool = new Pool({ connectionString: this.#stack.databaseUrl, max: 2 });
    this.#pool.on("error", () => {}); // tests take the database away
  }

  async stop(): Promise<void> {
    await this.#pool?.end();
    await this.#stack?.stop();
  }

  get running(): Stack {
    if (!this.#stack) throw new Error("the stack is not started yet");
    return this.#stack;
  }

  get localDir(): string {
    return this.running.localDir;
  }

  get simulator(): SimulatorControls {
    return new SimulatorControls(this.running.simulatorUrl);
  }

  /** A user; the name is its `sub`. */
  asUser = (name: string): Promise<Caller> => this.#caller(name, "user");

  /** A backend, which may name subjects. */
  asBackend = (name = "shop"): Promise<Caller> => this.#caller(name, "backend");

  /** Sends a request to the gateway; whatever comes back, the contract must know it. */
  async send(method: string, path: string, sent?: Sent): Promise<Answer> {
    const answer = await send(method, new URL(path, this.running.url).href, sent);
    expectDocumented(method, path, answer);
    return answer;
  }

  /** As if no question to the provider was within the last second: whoever asks next need not wait for others. */
  async momentPasses(): Promise<void> {
    const forget = "update verification set observed_at = null where observed_at is not null";
    await this.sql(forget).catch(() => []); // the database may be away: that is what some tests are about
  }

  /** Runs a timer function now, as if no question to the provider was a moment ago, and returns what it counted. */
  async timer(name: TimerName): Promise<Record<string, number>> {
    await this.momentPasses();
    const answer = await this.send("POST", `/_local/timers/${name}`);
    if (answer.status !== 200) throw new Error(`${name}: ${answer.status} ${answer.text}`);
    return timerResult.parse(answer.json());
  }

  /** Asks the database. */
  async sql(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    if (!this.#pool) throw new Error("the stack is not started yet");
    return (await this.#pool.query<Record<string, unknown>>(text, values)).rows;
  }

  /** How many rows each table has that a request could write. */
  async rows(): Promise<Record<string, unknown>> {
    const tables = ["verification", "attempt", "idempotency_key", "creation_count", "outbound_event"];
    const counts = tables.map((table) => `(select count(*)::int from ${table}) as ${table}`);
    return (await this.sql(`select ${counts.join(", ")}`))[0] ?? {};
  }

  /** The events about a verification, oldest first: their types, for alarms the alarm. */
  async eventsOf(id: string): Promise<unknown[]> {
    const found = await this.sql(
      `select coalesce(data ->> 'alarm', type) as what from outbound_event
       where data ->> 'verificationId' = $1 or data #>> '{verification,verificationId}' = $1 order by id`,
      [id],
    );
    return found.map(({ what }) => what);
  }

  keepSecret(...texts: readonly string[]): void {
    for (const text of texts) this.#secrets.add(text);
  }

  /** Everything that functions, simulator and database have logged, once a line of it is as wanted. */
  async logged(wanted: RegExp): Promise<string> {
    const folder = join(this.localDir, "logs");
    const shared = this.options.ownServer ? [] : [await postgresLog()];
    const files = () => [...readdirSync(folder).map((file) => join(folder, file)), ...shared];
    const read = () => files().map((file) => readFileSync(file, "utf8"));
    // What an instance writes comes through a pipe, a moment after its answer.
    return vi.waitFor(() => {
      const text = read().join("\n");
      if (!wanted.test(text)) throw new Error(`nothing in the logs matches ${wanted}`);
      return text;
    });
  }

  /** Expects none of the names, numbers and tokens that tests have used in a text. */
  expectNothingPersonal(text: string): void {
    expect([...this.#secrets].filter((secret) => text.includes(secret))).toEqual([]);
  }

  async #caller(name: string, scope: "user" | "backend"): Promise<Caller> {
    const secret = this.running.settings["AUTH_SECRET"] ?? "";
    const bearer = await bearerToken(secret, { sub: name, scope });
    this.keepSecret(bearer, secret);
    return new Caller(name, bearer, this);
  }
}
