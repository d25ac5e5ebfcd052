// The inside of one measured process: loads a bundle, answers one event, tells what that took.
import { createRequire } from "node:module";

const [, , bundleFile, event] = process.argv;
const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
const require = createRequire(import.meta.url);
const started = performance.now();
const cpuBefore = cpuMs();
const { main_handler } = require(bundleFile);
const load = { loadMs: performance.now() - started, loadCpuMs: cpuMs() - cpuBefore };
const context = {
  request_id: "bench",
  getRemainingTimeInMillis: () => 900_000 - (performance.now() - started),
};
const answer = await main_handler(JSON.parse(event), context);
process.send({ answer, ...load, cpuMs: cpuMs(), peakBytes: process.resourceUsage().maxRSS * 1024 });
