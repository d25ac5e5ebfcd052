/** What all files of a run share. `global-setup.ts` makes each part when the first file asks for it. */
import { request } from "node:http";
import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** Where the parts are asked for, by their names. */
    runParts: string;
  }
}

async function part(name: "postgres" | "postgres-log" | "cluster" | "bundles" | "commands"): Promise<string> {
  const response = await fetch(new URL(name, inject("runParts")));
  const text = await response.text();
  if (!response.ok) throw new Error(`${name}: ${text}`);
  return text;
}

/** The address of the run's PostgreSQL, as its superuser, database `postgres`. */
export const postgresUrl = (): Promise<string> => part("postgres");

/** The file in which that server logs. */
export const postgresLog = (): Promise<string> => part("postgres-log");

/** The folder of the bundles of all functions. Only read it. */
export const bundles = (): Promise<string> => part("bundles");

/** A PostgreSQL data folder with the newest schema, to be copied (`cluster.ts`). */
export const cluster = (): Promise<string> => part("cluster");

/** The folder of the commands, each bundled: `archive.mjs` is `npm run archive` (`command.ts`). */
export const commands = (): Promise<string> => part("commands");

/**
 * Borrows what only one test may have at a time, until it is given back or this process ends: the run sees either by the
 * connection over which it was lent.
 */
export function borrow(name: "database"): Promise<{ text: string; giveBack: () => void }> {
  return new Promise((resolve, reject) => {
    const asked = request(new URL(`borrow/${name}`, inject("runParts")), { agent: false }, (response) => {
      response.setEncoding("utf8").once("data", (text: string) => {
        response.socket.unref();
        if (response.statusCode === 200) resolve({ text, giveBack: () => void asked.destroy() });
        else reject(new Error(`${name}: ${text}`));
      });
      response.on("error", () => {}); // given back, or the run is over
    });
    asked.on("error", reject).end();
  });
}
