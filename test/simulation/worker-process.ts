/** Runs worlds one after the other in a process of its own, and tells of each. */
import { Simulation, type WorldResult } from "./history.ts";

/** What a worker says. */
export type Message = { readonly result: WorldResult } | { readonly line: string };

const [databaseUrl = "", first = "1", step = "1", count = "1", histories = "1", trace = ""] =
  process.argv.slice(2);

const tell = (message: Message) =>
  new Promise<void>((resolve) => void process.send?.(message, () => resolve()));

const simulation = await Simulation.open(databaseUrl);
const lines: string[] = [];
for (let index = 0; index < Number(count); index += 1) {
  const seed = Number(first) + index * Number(step);
  const result = await simulation.run(seed, Number(histories), (line) => void (trace && lines.push(line)));
  for (const line of lines.splice(0)) await tell({ line });
  await tell({ result });
}
await simulation.close();
process.disconnect();
