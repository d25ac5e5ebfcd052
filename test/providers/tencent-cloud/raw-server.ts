/** A TCP server whose every request meets what a test tells it to do: for what no HTTP library would send. */
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import type { TencentCloudOptions } from "../../../shared/providers/tencent-cloud/clients.ts";

export type Behaviour = (socket: Socket, request: string, nth: number) => void;

export interface RawServer {
  readonly port: number;
  /** Whole requests, as they arrived. */
  readonly requests: string[];
  /** Connections that are open. */
  readonly sockets: ReadonlySet<Socket>;
  /** A configuration that reaches this server in place of Tencent Cloud. */
  readonly options: TencentCloudOptions;
}

/** Starts it on a free port; it is closed when the test ends. */
export async function rawServer(behave: Behaviour): Promise<RawServer> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      const [head = "", body = ""] = text.split("\r\n\r\n");
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN);
      if (Buffer.byteLength(body) < length) return;
      requests.push(text);
      const request = text;
      text = "";
      behave(socket, request, requests.length);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("no address");
  const { port } = address;
  const credential = { secretId: "sim-secret-id", secretKey: "sim-secret-key", token: "sim-session-token" };
  const options = { credential: () => credential, endpointOverride: { host: "127.0.0.1", port } };
  return { port, requests, sockets, options };
}

/** A whole answer. */
export const http = (status: string, body: string, type = "application/json"): string =>
  `HTTP/1.1 ${status}\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

/** Answers each request with JSON, or with a text as it is. */
export const answering =
  (body: unknown, status = "200 OK"): Behaviour =>
  (socket) =>
    void socket.write(http(status, typeof body === "string" ? body : JSON.stringify(body)));
