/** A few worlds with each run of the tests; `npm run simulation` runs as many as one likes. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { root } from "../docs/markdown.ts";
import { postgresUrl } from "../support/run-parts.ts";
import { PLANTED } from "./planted.ts";
import { plant } from "./planted-run.ts";

const run = promisify(execFile);

async function simulation(...args: string[]): Promise<string> {
  const main = join(root, "test/simulation/main.ts");
  const env = { ...process.env, SIMULATION_SERVER_URL: await postgresUrl() };
  const { stdout } = await run(process.execPath, ["--import", "tsx", main, ...args], { cwd: root, env });
  return stdout;
}

const hashesIn = (printed: string) =>
  printed.split("\n").filter((line) => /^seed \d+: [0-9a-f]{16}$/.test(line));

describe("the simulation", () => {
  test("finds nothing broken, and a seed alone gives the very world that it gave among others", async () => {
    const among = simulation("--histories", "40", "--seed", "21", "--workers", "1", "--trace");
    const alone = simulation("--histories", "20", "--seed", "22", "--trace");
    expect(await among).toContain(" 0 worlds broken.");
    expect(hashesIn(await among)).toHaveLength(2);
    expect(hashesIn(await alone)).toEqual(hashesIn(await among).slice(-1));
  }, 300_000);

  test.each(PLANTED)("has a place for the planted bug in $file: $what", (bug) => {
    const source = readFileSync(join(root, bug.file), "utf8");
    expect(plant(source, bug)).not.toBe(source);
  });
});
