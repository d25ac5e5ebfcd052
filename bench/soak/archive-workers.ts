/** Workers of the archive that are killed and stopped at moments that chance chooses, whatever they are doing. */
import { setTimeout as sleep } from "node:timers/promises";
import { instancesOf } from "../../test/support/kill.ts";
import type { SoakClient } from "./client.ts";
import type { Random } from "./random.ts";

/** How many runs of the archive there are at a time. */
const WORKER_COUNT = 4;
const RUN_PAUSE_MS = 500;
/** Between two kills, in milliseconds. */
const CALM_MS = { from: 1_000, to: 5_000 } as const;
/** One in so many is stopped instead, for longer than a lease, and goes on when another may have its work. */
const STALL_ONE_IN = 5;
const STALL_MS = { from: 10_000, to: 15_000 } as const;

/** What became of the workers. */
export interface WorkerCounts {
  runs: number;
  /** Runs that did not come to their end. */
  cutOff: number;
  killed: number;
  stalled: number;
}

/** Starts a run of the archive again as soon as one has ended, in whatever way. */
async function work(client: SoakClient, counts: WorkerCounts, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    counts.runs += 1;
    if ((await client.timer("archive")) === undefined) counts.cutOff += 1;
    await sleep(RUN_PAUSE_MS);
  }
}

/** Sends a signal; false if the process has ended. */
function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

async function harm(
  client: SoakClient,
  random: Random,
  counts: WorkerCounts,
  isOver: () => boolean,
): Promise<void> {
  const stalls: Promise<void>[] = [];
  const stall = async (pid: number, ms: number) => {
    if (!signal(pid, "SIGSTOP")) return;
    counts.stalled += 1;
    await sleep(ms);
    signal(pid, "SIGCONT");
  };
  while (!isOver()) {
    await sleep(random.between(CALM_MS.from, CALM_MS.to));
    const [first, ...others] = instancesOf(client.stack.localDir, "archive");
    if (first === undefined) continue;
    const pid = random.pick([first, ...others]);
    if (random.between(1, STALL_ONE_IN) === 1)
      stalls.push(stall(pid, random.between(STALL_MS.from, STALL_MS.to)));
    else if (signal(pid, "SIGKILL")) counts.killed += 1;
  }
  await Promise.all(stalls);
}

/** Runs workers, and harms them, until it is over; counts in `counts`. */
export async function runWorkers(
  client: SoakClient,
  random: Random,
  counts: WorkerCounts,
  isOver: () => boolean,
): Promise<void> {
  const workers = Array.from({ length: WORKER_COUNT }, () => work(client, counts, isOver));
  await Promise.all([...workers, harm(client, random, counts, isOver)]);
}
