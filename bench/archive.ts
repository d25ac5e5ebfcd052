/**
 * The archive against a plain loop: the bare SDK asks the same simulator for the same evidence, as many verifications at a
 * time, and each file is written and synced. Nothing is sealed, read again, noted in a database or told of.
 */
import { mkdirSync } from "node:fs";
import { type FileHandle, open, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "tencentcloud-sdk-nodejs/tencentcloud/services/faceid/v20180301/faceid_client.js";
import * as z from "zod";
import { MAX_WINDOW } from "../shared/archive/run.ts";
import { transport } from "../shared/providers/tencent-cloud/transport.ts";
import { type Cost, measureOnce, median } from "./measure.ts";
import { startWorld, type World } from "./world.ts";

const ROUND_COUNT = 3;
const VERIFICATION_COUNT = 96;
const VIDEO_BYTES = 2 * 1024 ** 2;
/** Of throughput to the plain loop's. */
const MIN_RATIO = 0.65;
/** Shorter text of an answer is no medium. */
const MIN_MEDIUM_LENGTH = 256;

const archived = z.object({ archived: z.literal(VERIFICATION_COUNT) });

/** Measures and prints. Answers whether the archive is fast enough. */
export async function benchArchive(): Promise<boolean> {
  const world = await startWorld();
  try {
    await world.simulate("/_sim/media", { videoBytes: VIDEO_BYTES });
    const archive = await archiveOf(world);
    const plain = plainLoop(world);
    const runs: { plain: Cost; archive: Cost }[] = [];
    for (let round = 0; round <= ROUND_COUNT; round += 1) {
      const tokens = await settleSome(world);
      const run = { plain: await measureOnce(() => plain(tokens)), archive: await measureOnce(archive) };
      if (round > 0) runs.push(run); // the first one connects, compiles and warms up
    }
    return print(runs);
  } finally {
    await world.stop();
  }
}

function print(runs: readonly { plain: Cost; archive: Cost }[]): boolean {
  const each = (of: "plain" | "archive", figure: keyof Cost) =>
    median(runs.map((run) => run[of][figure])) / VERIFICATION_COUNT;
  const throughput = (figure: keyof Cost) =>
    median(runs.map(({ plain, archive }) => plain[figure] / archive[figure]));
  const cells = (figure: keyof Cost) =>
    [
      each("plain", figure).toFixed(1),
      each("archive", figure).toFixed(1),
      throughput(figure).toFixed(2),
    ].join(" | ");
  console.log("| per verification | plain ms | archive ms | plain / archive |\n|---|---|---|---|");
  console.log(`| time | ${cells("ms")} |\n| CPU time | ${cells("cpuMs")} |`);
  return throughput("ms") >= MIN_RATIO;
}

/** Verifications that have passed and wait for the archive; answers their tokens. */
async function settleSome(world: World): Promise<string[]> {
  const headers = { authorization: `Bearer ${world.stack.tokens.backend}` };
  const tokens: string[] = [];
  for (let n = 0; n < VERIFICATION_COUNT; n += 1) {
    const { verificationId, start } = await world.issue("mini-program");
    const token = start["bizToken"] ?? "";
    await world.simulate("/_sim/complete", { token, outcome: "passed" });
    await fetch(`${world.stack.url}/verifications/${verificationId}/finish`, { method: "POST", headers });
    tokens.push(token);
  }
  return tokens;
}

/** The function as deployed, in this process. */
async function archiveOf(world: World): Promise<() => Promise<void>> {
  Object.assign(process.env, world.environment("archive"));
  const { main_handler } = await import("../functions/archive/index.ts");
  const event = { Type: "Timer", TriggerName: "bench", Time: new Date().toISOString(), Message: "{}" };
  return async () => {
    const begun = performance.now();
    const getRemainingTimeInMillis = () => 900_000 - (performance.now() - begun);
    archived.parse(await main_handler(event, { request_id: "bench", getRemainingTimeInMillis }));
  };
}

/** What one would write by hand. */
function plainLoop(world: World): (tokens: readonly string[]) => Promise<void> {
  const simulator = new URL(world.stack.simulatorUrl);
  const client = new Client({
    credential: { secretId: "sim-secret-id", secretKey: "sim-secret-key" },
    profile: { httpProfile: transport(60, { host: simulator.hostname, port: Number(simulator.port) }) },
  });
  const ask = (BizToken: string, InfoType: string) =>
    client.GetDetectInfoEnhanced({
      BizToken,
      RuleId: "sim-rule-mini-program",
      InfoType,
      ...(InfoType !== "4" && { BestFramesCount: 10 }),
    });
  const root = join(world.distDir, "..", "plain");
  const keep = async (token: string) => {
    const folder = join(root, token);
    mkdirSync(folder, { recursive: true });
    for (const infoType of ["123", "4"]) {
      const answer = await ask(token, infoType);
      for (const [n, bytes] of filesOf(answer).entries()) await store(folder, `${infoType}-${n}`, bytes);
    }
  };
  return async (tokens) => {
    const left = [...tokens];
    const work = async () => {
      for (let token = left.shift(); token; token = left.shift()) await keep(token);
    };
    await Promise.all(Array.from({ length: MAX_WINDOW }, work));
  };
}

/** The media of an answer, and the rest of it. */
function filesOf(answer: unknown): Buffer[] {
  const media: Buffer[] = [];
  const rest = JSON.stringify(answer, (_, value: unknown) => {
    if (typeof value !== "string" || value.length < MIN_MEDIUM_LENGTH) return value;
    media.push(Buffer.from(value, "base64"));
    return undefined;
  });
  return [Buffer.from(rest), ...media];
}

const synced = async (opened: Promise<FileHandle>, work?: (file: FileHandle) => Promise<void>) => {
  const file = await opened;
  try {
    await work?.(file);
    await file.sync();
  } finally {
    await file.close();
  }
};

/** Whole, under its name, and still there after a power cut. */
async function store(folder: string, name: string, bytes: Buffer): Promise<void> {
  const path = join(folder, name);
  await synced(open(`${path}.part`, "w"), (file) => writeFile(file, bytes));
  await rename(`${path}.part`, path);
  await synced(open(folder, "r"));
}
