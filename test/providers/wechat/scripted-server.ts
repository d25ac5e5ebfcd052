/** An HTTP server whose answers are the test's: it records what came and does what it is told. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

export type Answer = (response: ServerResponse, received: Received) => void;

/** Starts a server on a free port; it is closed when the test ends. */
export async function scriptedServer(answer: Answer): Promise<{ baseUrl: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const url = new URL(request.url ?? "/", "http://localhost");
      const one = { method: request.method ?? "", path: url.pathname, query: url.searchParams, body };
      received.push(one);
      answer(response, one);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { baseUrl: `http://127.0.0.1:${port}`, received };
}

/** Answers JSON with the wrong content type, as WeChat often does. */
export function json(value: unknown): Answer {
  return (response) => {
    response.setHeader("content-type", "text/plain");
    response.end(typeof value === "string" ? value : JSON.stringify(value));
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
