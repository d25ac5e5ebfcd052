/** The merchant's endpoint of a soak: checks each signature, sometimes refuses, and remembers which events it has taken. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { Random } from "./random.ts";

/** A running endpoint. */
export interface EventReceiver {
  readonly url: string;
  readonly secret: string;
  /** Ids of the events that were taken. */
  readonly taken: ReadonlySet<string>;
  /** How many came again after they had been taken, were refused on purpose, or were not signed by us. */
  readonly counts: { repeated: number; refused: number; forged: number };
  close(): void;
}

/** Of a hundred events that come, so many are answered with 503. */
const REFUSED_PERCENT = 5;

/** The signature as Standard Webhooks describes it, computed apart from the library that signs. */
function isSigned(request: IncomingMessage, body: string, key: Buffer): boolean {
  const header = (name: string) => String(request.headers[name] ?? "");
  const signed = `${header("webhook-id")}.${header("webhook-timestamp")}.${body}`;
  const expected = Buffer.from(`v1,${createHmac("sha256", key).update(signed).digest("base64")}`);
  return header("webhook-signature")
    .split(" ")
    .map((text) => Buffer.from(text))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
}

/** Starts it on a free port of this machine. */
export async function startReceiver(random: Random): Promise<EventReceiver> {
  const key = randomBytes(32);
  const taken = new Set<string>();
  const counts = { repeated: 0, refused: 0, forged: 0 };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const id = String(request.headers["webhook-id"] ?? "");
    if (!isSigned(request, Buffer.concat(chunks).toString("utf8"), key)) {
      counts.forged += 1;
      response.writeHead(401).end();
      return;
    }
    if (random.between(1, 100) <= REFUSED_PERCENT) {
      counts.refused += 1;
      response.writeHead(503).end();
      return;
    }
    if (taken.has(id)) counts.repeated += 1;
    taken.add(id);
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("the receiver has no port");
  return {
    url: `http://127.0.0.1:${address.port}/events`,
    secret: `whsec_${key.toString("base64")}`,
    taken,
    counts,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
