/** A merchant's endpoint as tests run it: keeps what came, answers as it is told. */
import { createServer, type ServerResponse } from "node:http";
import { onTestFinished } from "vitest";

export interface Received {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

export type Reply = (response: ServerResponse, received: Received) => void;

/** Listens on a free port until the test ends; says 200 unless told otherwise. */
export async function receiver(reply: Reply = (response) => response.end()) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, [value].flat().join(", ")]),
    );
    const one = { method: request.method ?? "", headers, body: Buffer.concat(chunks).toString("utf8") };
    received.push(one);
    reply(response, one);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("no address");
  return { url: `http://127.0.0.1:${address.port}/hook/`, received };
}
