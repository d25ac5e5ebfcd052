/** A network between `pg` and PostgreSQL that fails at the statement that a test names. */
import { once } from "node:events";
import { createConnection, createServer, type Server, type Socket } from "node:net";

/**
 * What happens to a connection when the statement comes by:
 * - `cut`: it ends, and the statement does not arrive;
 * - `cut before the answer`: the statement is executed, and the connection ends instead of the answer;
 * - `silence`: nothing is forwarded any more, in either direction, and nobody is told.
 */
export type Fault = "cut" | "cut before the answer" | "silence";

/** One plan at a time: which statements it is for, and what it does to a connection or before the statement is forwarded. */
interface Plan {
  readonly statement: RegExp;
  readonly fault: Fault | (() => Promise<void>);
}

/** Forwards connections to a server; start it with {@link startDatabaseProxy}. */
export class DatabaseProxy {
  #plan: Plan | undefined;
  /** How many statements the plan was carried out for. */
  faults = 0;
  /** How often a client has waited for the server, but for opening its connection. */
  roundTrips = 0;
  readonly #sockets = new Set<Socket>();
  /** By client: done when all that it has sent is forwarded, which a fault may hold up. */
  readonly #forwarded = new Map<Socket, Promise<void>>();

  constructor(
    readonly url: string,
    private readonly target: URL,
    private readonly server: Server,
  ) {
    server.on("connection", (client) => this.#connect(client));
  }

  /** From now on each simple query that matches meets the fault; a function runs before the query is forwarded. */
  plan(statement: RegExp, fault: Plan["fault"]): void {
    this.#plan = { statement, fault };
    this.faults = 0;
  }

  /** Everything is forwarded again; connections that are silent stay so. */
  heal(): void {
    this.#plan = undefined;
  }

  /** Cuts every connection and waits for the faults under way. Throws what one of them threw. */
  async close(): Promise<void> {
    this.server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.server, "close");
    await Promise.all(this.#forwarded.values());
  }

  #connect(client: Socket): void {
    const upstream = createConnection(Number(this.target.port), this.target.hostname);
    const both = [client, upstream];
    const end = () => both.map((socket) => socket.destroy());
    for (const socket of both) {
      this.#sockets.add(socket);
      socket.on("error", () => {}).on("close", () => this.#sockets.delete(socket) && end());
    }
    let answers: "forwarded" | "dropped" | "fatal" = "forwarded";
    upstream.on("data", (data) => {
      if (answers === "forwarded") client.write(data);
      if (answers === "fatal") end();
    });
    let sent = Promise.resolve();
    const count = countQuestions(() => {
      this.roundTrips += 1;
    });
    client.on("data", (data) => {
      count(data);
      sent = sent.then(async () => {
        const fault = this.#faultFor(data);
        if (fault === "cut") end();
        if (fault === "silence") answers = "dropped";
        if (fault === "cut before the answer") answers = "fatal";
        if (typeof fault === "function") await fault();
        if (answers !== "dropped" && upstream.writable) upstream.write(data);
      });
      sent.catch(() => {}); // thrown when the proxy is closed
      this.#forwarded.set(client, sent);
    });
  }

  #faultFor(data: Buffer): Plan["fault"] | undefined {
    // A simple query of the protocol: "Q", four bytes of length, the text.
    if (data[0] !== 0x51 || !this.#plan?.statement.test(data.toString("latin1", 5))) return undefined;
    this.faults += 1;
    return this.#plan.fault;
  }
}

/**
 * Reads what a client sends, and tells of each message after which it waits: a simple query, or the `Sync` that ends a
 * prepared one. The first message, which opens the connection, has no type; the password is another.
 */
function countQuestions(onQuestion: () => void): (data: Buffer) => void {
  let rest = Buffer.alloc(0);
  let isOpening = true;
  return (data) => {
    rest = Buffer.concat([rest, data]);
    for (;;) {
      const typeLength = isOpening ? 0 : 1;
      if (rest.length < typeLength + 4) return;
      const end = typeLength + rest.readUInt32BE(typeLength);
      if (rest.length < end) return;
      if (!isOpening && ["Q", "S"].includes(rest.toString("latin1", 0, 1))) onQuestion();
      isOpening = false;
      rest = rest.subarray(end);
    }
  };
}

/** Listens on a port of its own and forwards to the server of `databaseUrl`. */
export async function startDatabaseProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("the proxy has no port");
  const url = new URL(databaseUrl);
  const target = new URL(databaseUrl);
  url.port = String(address.port);
  return new DatabaseProxy(url.href, target, server);
}
