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

test("a video of 100 MB costs the archive less than two and a half times itself in memory", async () => {
  const { before, after, archived } = await peaks(100);
  expect(archived).toBe(1);
  expect(after - before).toBeLessThan(250);
});
