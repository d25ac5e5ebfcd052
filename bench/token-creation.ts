/** Token creation: `POST /tokens/mini-program` through gateway and function, against the bare SDK call it makes. */
import { faceId } from "../shared/providers/tencent-cloud/index.ts";
import { median, quantile } from "./measure.ts";
import type { World } from "./world.ts";

const rounds = 7;
const callsARound = 150;
const together = 8;

interface Round {
  readonly perSecond: number;
  readonly p50: number;
}

/** Runs `callsARound` calls, `concurrency` at a time. */
async function round(call: () => Promise<unknown>, concurrency: number): Promise<Round> {
  const times: number[] = [];
  let left = callsARound;
  const startedAt = performance.now();
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      const at = performance.now();
      await call();
      times.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return { perSecond: callsARound / ((performance.now() - startedAt) / 1000), p50: quantile(times, 0.5) };
}

/** Measures both in turn, so that a slow moment of the machine meets both. */
export async function benchTokenCreation(world: World): Promise<string[]> {
  const simulator = new URL(world.stack.simulatorUrl);
  const sdk = faceId({
    credential: () => ({ secretId: "sim-secret-id", secretKey: "sim-secret-key" }),
    endpointOverride: { host: simulator.hostname, port: Number(simulator.port) },
  });
  const bare = () => sdk.detectAuth({ RuleId: "sim-rule-mini-program", Extra: "bench" });
  const whole = () => world.issue("mini-program");
  const lines = [
    "| concurrency | bare SDK /s | function /s | ratio | bare p50 ms | function p50 ms | ratio |",
    "|---|---|---|---|---|---|---|",
  ];
  for (const concurrency of [1, together]) {
    await round(bare, concurrency);
    await round(whole, concurrency);
    const pairs: { bare: Round; whole: Round }[] = [];
    for (let n = 0; n < rounds; n++) {
      pairs.push({ bare: await round(bare, concurrency), whole: await round(whole, concurrency) });
    }
    const of = (read: (pair: (typeof pairs)[number]) => number) => median(pairs.map(read));
    const cells = [
      of((pair) => pair.bare.perSecond).toFixed(0),
      of((pair) => pair.whole.perSecond).toFixed(0),
      of((pair) => pair.whole.perSecond / pair.bare.perSecond).toFixed(2),
      of((pair) => pair.bare.p50).toFixed(1),
      of((pair) => pair.whole.p50).toFixed(1),
      of((pair) => pair.whole.p50 / pair.bare.p50).toFixed(1),
    ];
    lines.push(`| ${concurrency} | ${cells.join(" | ")} |`);
  }
  return lines;
}
