// The inside of one measured process: loads a bundle, answers one event, tells how much memory that took at most.
import { createRequire } from "node:module";

const [, , bundleFile, event] = process.argv;
const { main_handler } = createRequire(import.meta.url)(bundleFile);
const started = performance.now();
const context = {
  request_id: "bench",
  getRemainingTimeInMillis: () => 900_000 - (performance.now() - started),
};
const answer = await main_handler(JSON.parse(event), context);
process.send({ answer, peakBytes: process.resourceUsage().maxRSS * 1024 });
