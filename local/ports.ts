/** Ports of 127.0.0.1. */
import { createServer } from "node:net";
import { type Text, text } from "../tools/language/index.ts";

/** Whether a listen failed because another program has the port. */
export function isTaken(error: unknown): boolean {
  return (
    error instanceof Error && "code" in error && (error.code === "EADDRINUSE" || error.code === "EACCES")
  );
}

/** The error for people when a port is taken. */
export function takenPort(port: number, what: Text, setting: string): Error {
  return new Error(
    text(
      `Port ${port} (${what}) is taken by another program. Set ${setting} to a free port, for example ${setting}=${port + 1} npm start.`,
      `端口 ${port}（${what}）已被其他程序占用。请把 ${setting} 设为空闲的端口，例如 ${setting}=${port + 1} npm start。`,
    ),
  );
}

/** Takes the port for a moment (0: any free one) and returns its number; fails as `listen` does. */
export function probePort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : port));
    });
  });
}
