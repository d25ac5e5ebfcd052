import type { Server } from "node:http";
import type { Route } from "./exchange.ts";
import { createSimulatorServer } from "./server.ts";
import type { Settings } from "./settings.ts";
import { simulatorRoutes } from "./simulator.ts";

/** A simulator that answers. */
export interface Running {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  readonly port: number;
  /** Ends it at once, with every connection. */
  close(): Promise<void>;
}

/**
 * Starts the simulator on 127.0.0.1. The port is taken first and the journal read then: a second start on the same port
 * fails before it touches what the first one keeps. Throws a sentence for people when the port is taken.
 */
export async function startSimulator(settings: Settings): Promise<Running> {
  let routes: readonly Route[] = [];
  const server = createSimulatorServer(() => routes);
  const port = await listening(server, settings.SIMULATOR_PORT);
  const origin = `http://127.0.0.1:${port}`;
  const close = () =>
    new Promise<void>((closed) => {
      server.close(() => closed());
      server.closeAllConnections();
    });
  try {
    routes = simulatorRoutes(settings, origin);
  } catch (error) {
    await close();
    throw error;
  }
  return { origin, port, close };
}

function listening(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      const taken = "code" in error && error.code === "EADDRINUSE";
      reject(taken ? new Error(`Port ${port} is taken. Set SIMULATOR_PORT to a free one.`) : error);
    });
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}
