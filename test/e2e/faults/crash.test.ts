import { execFile } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { expectProblem } from "../../support/contract.ts";
import { archiveFindings, storedObjects } from "../../support/evidence.ts";
import { killInstances } from "../../support/kill.ts";
import { stackForTests } from "../../support/stack.ts";

const stack = stackForTests();
const root = join(import.meta.dirname, "../../..");

test("an instance killed while it buys a token leaves an intent that is swept, and its key is free again", async () => {
  const user = await stack.asUser("mei");
  const key = { "idempotency-key": "killed" };
  await stack.simulator.fault("DetectAuth", "timeout");
  const request = user.ask("h5", {}, key);
  await expect.poll(() => stack.simulator.calls("DetectAuth"), { timeout: 60_000 }).toBe(1);
  expect(killInstances(stack.localDir, "token-h5")).toBeGreaterThan(0);
  expect((await request).status).toBe(500); // the platform's own words
  await user.issue("h5"); // the next event gets a new instance
  const again = await user.ask("h5", {}, key);
  expectProblem(again, 409, "conflict"); // for all that anybody knows it is being worked on
  expect(again.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
  await stack.simulator.advance("11m");
  expect(await stack.timer("maintain")).toMatchObject({ sweptDrafts: 1 });
  await user.issue("h5", {}, key);
});

test("a line that was logged is there, even if the process is killed in the same moment", async () => {
  const program = `import { log } from "./shared/runtime/log.ts";
    for (let line = 1; line <= 20; line += 1) log.error({ alarm: "line " + line });
    process.kill(process.pid, "SIGKILL");`;
  const run = promisify(execFile)(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "-e", program],
    {
      cwd: root,
      env: { PATH: process.env["PATH"] },
    },
  );
  await expect(run).rejects.toMatchObject({
    signal: "SIGKILL",
    stdout: expect.stringContaining("line 20"),
  });
});

test("an instance killed while it settles loses nothing", async () => {
  const user = await stack.asUser("mei");
  const { id, token } = await user.issue("mini-program");
  await stack.simulator.complete(token, "passed");
  const before = await user.read(id);
  await stack.simulator.fault("GetDetectInfoEnhanced", "timeout");
  const calls = await stack.simulator.calls("GetDetectInfoEnhanced");
  const request = user.send("POST", `/verifications/${id}/finish`, { body: {} });
  await expect.poll(() => stack.simulator.calls("GetDetectInfoEnhanced")).toBe(calls + 1);
  expect(killInstances(stack.localDir, "verification")).toBeGreaterThan(0);
  expect((await request).status).toBe(500);
  expect(await user.read(id)).toEqual(before);
  expect(await user.finish(id, {})).toMatchObject({ status: "passed", attempts: 1 });
  expect(await stack.eventsOf(id)).toEqual(["verification.passed"]);
});

test("the archive killed at 20 moments is finished by the timer, everything exactly once", {
  timeout: 300_000,
}, async () => {
  const user = await stack.asUser("mei");
  await stack.timer("archive"); // what other tests have left
  await stack.simulator.media({ imageBytes: 128 * 1024, videoBytes: 2 * 1024 * 1024 });
  const due = async () => {
    const { id, token } = await user.issue("mini-program");
    await stack.simulator.complete(token, "passed");
    await user.finish(id, {});
    return id;
  };
  const ids = [await due()];
  await stack.timer("archive"); // the simulator draws its pictures once
  ids.push(await due());
  const begun = performance.now();
  await stack.timer("archive");
  const whole = performance.now() - begun; // about as long as one takes
  const moments: number[] = [];
  for (let kill = 0; kill < 20; kill += 1) {
    ids.push(await due());
    const run = stack.send("POST", "/_local/timers/archive");
    const moment = Math.round(Math.random() * whole);
    moments.push(moment);
    await sleep(moment);
    killInstances(stack.localDir, "archive");
    await run;
  }
  const statuses = async () =>
    (await stack.sql("select archive_status from verification where id = any($1)", [ids])).map(
      (row) => row["archive_status"],
    );
  const left = (await statuses()).filter((status) => status !== "archived").length;
  const context = `killed after ${moments.join(", ")} ms; ${left} were left to the last run`;
  // One run, or on a busy machine as many as a minute's timer has: each stops before its time is over.
  for (let runs = 0; runs < 4 && (await statuses()).some((status) => status !== "archived"); runs += 1) {
    await stack.timer("archive");
  }
  expect(await statuses(), context).toEqual(ids.map(() => "archived"));
  expect(await archiveFindings(stack.running), context).toEqual([]);
  const manifests = (await storedObjects(stack.running)).filter((name) => name.includes("manifest"));
  const archived = await stack.sql("select id from verification where archive_status = 'archived'");
  expect(manifests, context).toHaveLength(archived.length);
  for (const id of ids) {
    expect(await stack.eventsOf(id), context).toEqual(["verification.passed", "archive.archived"]);
  }
  // What an operator would ask, answered by the command.
  const verify = ["--import", "tsx", join(root, "tools/cli/archive.ts"), "verify"];
  const env = { PATH: process.env["PATH"], LOCAL_DIR: stack.localDir };
  await promisify(execFile)(process.execPath, verify, { cwd: root, env }); // rejects unless it is clean
});
