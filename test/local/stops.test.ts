import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { readStackFile } from "../../local/stack-file.ts";
import { killAll, type LivingProcess, livingIn, livingProcess } from "./living.ts";

const root = join(import.meta.dirname, "..", "..");
const localDir = mkdtempSync(join(tmpdir(), "zhenren-stops-"));
const START_TIMEOUT_MS = 180_000;
const END_TIMEOUT_MS = 60_000;

/** After a test that failed, for the next one. */
afterEach(() => {
  killAll(livingIn(localDir));
});
afterAll(() => rmSync(localDir, { recursive: true, force: true }));

/** `npm start` as a terminal runs it: npm leads a process group of its own. */
async function npmStart(untilPrinted = "Zhenren is ready"): Promise<ChildProcess & { readonly pid: number }> {
  const { PATH, HOME } = process.env;
  const child = spawn("npm", ["start"], {
    cwd: root,
    env: { PATH, HOME, LOCAL_DIR: localDir, PORT: "0", SIMULATOR_PORT: "0" },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  await vi.waitFor(
    () => {
      if (!output.includes(untilPrinted)) throw new Error(`not ready: ${output}`);
    },
    { timeout: START_TIMEOUT_MS, interval: 50 },
  );
  if (child.pid === undefined) throw new Error("npm did not start");
  return Object.assign(child, { pid: child.pid });
}

/** The processes from npm down to the one that runs the stack. Some shells replace themselves by tsx. */
function launchersOf(npm: number): Record<"npm" | "shell" | "tsx" | "stack", number> {
  const stack = readStackFile(localDir)?.owner.pid ?? 0;
  const tsx = livingProcess(stack)?.parent ?? 0;
  const parent = livingProcess(tsx)?.parent ?? 0;
  expect([parent, livingProcess(parent)?.parent]).toContain(npm);
  return { npm, shell: parent === npm ? tsx : parent, tsx, stack };
}

/** One living process per line, as a failed test shows it. */
const describeAll = (processes: readonly LivingProcess[]): string[] =>
  processes.map(({ pid, state, commandLine }) => `${pid} ${state} ${commandLine.slice(0, 120)}`);

/** Functions are stopped between two events; such a process acts on SIGKILL alone and does not see a closed channel. */
async function untilFunctionsAreStopped(): Promise<LivingProcess[]> {
  await vi.waitFor(
    () => expect(livingIn(localDir).map(({ state }) => state)).toContain("T"),
    START_TIMEOUT_MS,
  );
  return livingIn(localDir);
}

async function expectNothingLeft(before: readonly LivingProcess[]): Promise<void> {
  const isSame = (process: LivingProcess) => livingProcess(process.pid)?.startTime === process.startTime;
  await vi.waitFor(() => expect(describeAll([...livingIn(localDir), ...before.filter(isSame)])).toEqual([]), {
    timeout: END_TIMEOUT_MS,
    interval: 100,
  });
}

/**
 * The stack itself meets each signal. Those above it either pass one on or end without a word, whichever signal it is: one
 * that can be passed on and one that cannot. The group: Ctrl-C, a terminal that is closed, and a kill of everything.
 */
const SIGNALS = {
  group: ["SIGINT", "SIGHUP", "SIGKILL"],
  npm: ["SIGTERM", "SIGKILL"],
  shell: ["SIGTERM", "SIGKILL"],
  tsx: ["SIGTERM", "SIGKILL"],
  stack: ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGKILL"],
} as const;
const targets = ["group", "npm", "shell", "tsx", "stack"] as const;
const stops = targets.flatMap((target) => SIGNALS[target].map((signal) => [signal, target] as const));

const timeout = START_TIMEOUT_MS + END_TIMEOUT_MS;

test.each(stops)("after %s to %s no process of npm start is left", { timeout }, async (signal, target) => {
  const npm = await npmStart();
  const pid = target === "group" ? -npm.pid : launchersOf(npm.pid)[target];
  const before = await untilFunctionsAreStopped();
  expect(before.filter(({ commandLine }) => commandLine.includes("postgres -D")).length).toBe(1);
  process.kill(pid, signal);
  await expectNothingLeft(before);
});

test.each(["Starting PostgreSQL", "Starting the functions"])(
  'a Ctrl-C at "%s" leaves no process',
  { timeout },
  async (step) => {
    const npm = await npmStart(step);
    const before = livingIn(localDir);
    process.kill(-npm.pid, "SIGINT");
    await expectNothingLeft(before);
  },
);

/** Starts a stack as a test file does, and kills it as vitest kills a worker that hangs. */
async function killTestStack(beforeKill: () => Promise<void>): Promise<void> {
  const worker = fork(join(import.meta.dirname, "stack-process.ts"), [localDir], {
    execArgv: ["--import", "tsx"],
  });
  await once(worker, "message");
  await beforeKill();
  const before = await untilFunctionsAreStopped();
  worker.kill("SIGKILL");
  await expectNothingLeft(before);
  expect(existsSync(localDir)).toBe(false); // the reaper, which is one of the processes, removes it last
}

test("a killed test process leaves neither a process of its stack nor its folder", { timeout }, () =>
  killTestStack(async () => {}),
);

test("a reaper that was killed is replaced", { timeout }, () =>
  killTestStack(async () => {
    const reapers = () =>
      livingIn(localDir).flatMap(({ pid, commandLine }) =>
        commandLine.includes("reaper-process") ? [pid] : [],
      );
    const [first = 0, ...others] = reapers();
    expect(others).toEqual([]);
    process.kill(first, "SIGKILL");
    await vi.waitFor(() => {
      const [second] = reapers();
      if (second === undefined || second === first) throw new Error("no new reaper");
    }, END_TIMEOUT_MS);
  }),
);
