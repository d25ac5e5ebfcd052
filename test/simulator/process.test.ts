import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, expect, test } from "vitest";
import { buildPrograms, programIn } from "../../tools/build/programs.ts";
import { call } from "./faceid/client.ts";
import { control, temporaryFolder } from "./running.ts";

const root = join(import.meta.dirname, "../..");
const script = buildPrograms(root, ["simulator/main.ts"], ["simulator"]).then((folder) =>
  programIn(folder, "simulator/main.ts"),
);
const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) child.kill("SIGKILL");
});

async function launch(folder: string, port = "0"): Promise<ChildProcess> {
  const child = spawn(process.execPath, [await script], {
    env: { ...process.env, SIMULATOR_PORT: port, LOCAL_DIR: folder },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  started.push(child);
  return child;
}
const ready = (child: ChildProcess) =>
  new Promise<number>((resolve, reject) => {
    child.once("message", (message) => resolve((message as { port: number }).port));
    child.once("exit", (code) => reject(new Error(`ended with ${code} before it was ready`)));
  });
const ended = (child: ChildProcess) =>
  new Promise((resolve) => child.once("exit", (code, signal) => resolve(signal ?? code)));
const errorOutput = (child: ChildProcess) => (child.stderr ? text(child.stderr) : "");

test("what was issued survives kill -9, and so does the clock", async () => {
  const folder = temporaryFolder();
  const first = await launch(folder);
  const port = await ready(first);
  const { response } = await call(port, "DetectAuth", { RuleId: "sim-rule-h5" });
  const token = String(response["BizToken"]);
  const origin = `http://127.0.0.1:${port}`;
  await control(origin, "POST", "complete", { token, outcome: "2006" });
  await control(origin, "POST", "clock", { advance: "1h" });
  const killed = ended(first);
  first.kill("SIGKILL");
  expect(await killed).toBe("SIGKILL");
  appendFileSync(join(folder, "simulator", "faceid.jsonl"), `{"token":"${token}","createdAt":`);

  const second = await ready(await launch(folder));
  const timestamp = Math.floor(Date.now() / 1000) + 3_600;
  const parameters = { BizToken: token, RuleId: "sim-rule-h5" };
  const kept = await call(second, "GetDetectInfoEnhanced", parameters, { timestamp });
  expect(kept.response["Text"]).toMatchObject({ ErrCode: 2006 });
});

test("a taken port ends the process with one sentence and exit code 1", async () => {
  const port = await ready(await launch(temporaryFolder()));
  const second = await launch(temporaryFolder(), String(port));
  const output = errorOutput(second);
  expect(await ended(second)).toBe(1);
  expect(await output).toBe(`Port ${port} is taken. Set SIMULATOR_PORT to a free one.\n`);
});

test.each(["SIGTERM", "SIGINT"] as const)("%s ends it at once", async (signal) => {
  const child = await launch(temporaryFolder());
  await ready(child);
  const end = ended(child);
  child.kill(signal);
  expect(await end).toBe(0);
});

test("it ends when its parent process is gone", async () => {
  const child = await launch(temporaryFolder());
  await ready(child);
  const end = ended(child);
  child.disconnect();
  expect(await end).toBe(0);
});

test("a wrong setting is named", async () => {
  const child = await launch(temporaryFolder(), "high");
  const output = errorOutput(child);
  expect(await ended(child)).toBe(1);
  expect(await output).toContain("SIMULATOR_PORT is not valid");
});
