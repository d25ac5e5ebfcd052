import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "./fixture-functions.ts";
import { startProgram, startReady, usedFolder } from "./npm-start.ts";

const MS_PER_HOUR = 3_600_000;

async function hoursAhead(url: string): Promise<number> {
  const { now, offsetSeconds } = Object(await (await fetch(`${url}/_local/clock`)).json());
  expect(Math.abs(Date.parse(now) - Date.now() - offsetSeconds * 1000)).toBeLessThan(10_000);
  return Math.round(offsetSeconds / 3600);
}

test("npm start says that the clock is still moved, and --reset sets it back, running or not", {
  timeout: 120_000,
}, async () => {
  const localDir = await usedFolder();
  const clockFile = join(localDir, "clock.json");
  writeFileSync(clockFile, JSON.stringify({ offsetMs: 72 * MS_PER_HOUR }));
  const first = await startReady(localDir);
  expect(first.output()).toMatch(
    /^The simulated clock is 72 hours ahead \(\d{4}-\d\d-\d\dT\d\d:\d\dZ\)\. To set it back to now: npm start -- --reset$/m,
  );
  expect(await hoursAhead(first.url)).toBe(72);

  const reset = await startProgram("local/main.ts", ["--reset"], { LOCAL_DIR: localDir });
  expect(await reset.ended, reset.output()).toBe(0);
  expect(reset.output()).toBe(`The clock of the stack that runs on ${localDir} is set back to now.\n`);
  expect(await hoursAhead(first.url)).toBe(0);

  const body = JSON.stringify({ advance: "5h" });
  await fetch(`${first.url}/_local/simulator/clock`, { method: "POST", body });
  expect(await hoursAhead(first.url)).toBe(5);
  first.child.kill("SIGTERM");
  await first.ended;

  const second = await startReady(localDir, {}, ["--reset"]);
  expect(second.output()).not.toContain("The simulated clock");
  expect(await hoursAhead(second.url)).toBe(0);
});

test.each(["--rest", "reset", "--reset=now"])(
  "npm start refuses the unknown argument %s in one sentence",
  async (argument) => {
    const refused = await startProgram("local/main.ts", [argument], { LOCAL_DIR: temporaryFolder() });
    expect(await refused.ended).toBe(1);
    expect(refused.output()).toBe(
      `npm start does not know ${argument}. It takes one argument: npm start -- --reset sets the simulated clock back to now.\n`,
    );
  },
);
