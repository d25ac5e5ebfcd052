import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod";
import { addDue, makeWorld } from "./world.ts";

const figures = z.object({ before: z.number(), after: z.number(), archived: z.number() });

async function peaks(megabytes: number) {
  const world = await makeWorld();
  await addDue(world.db);
  const child = fork(
    join(import.meta.dirname, "memory-process.ts"),
    [world.databaseUrl, world.folder, String(megabytes)],
    { execArgv: ["--import", "tsx"], stdio: ["ignore", "inherit", "inherit", "ipc"] },
  );
  const [message] = await once(child, "message");
  await once(child, "exit");
  return figures.parse(message);
}

test("a video of 50 MB costs the archive hardly more memory than one of 1 MB", async () => {
  const small = await peaks(1);
  const large = await peaks(50);
  expect([small.archived, large.archived]).toEqual([1, 1]);
  expect(large.after - large.before - (small.after - small.before)).toBeLessThan(24);
});
