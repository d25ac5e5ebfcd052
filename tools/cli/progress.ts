/** The progress bar of commands that go through many verifications. */
import cliProgress from "cli-progress";
import type { Text } from "../language/index.ts";

/** A bar on a terminal, nothing in a pipe. `format` is that of cli-progress. */
export function progress(total: number, format: Text): { step(): void; stop(): void } {
  if (!process.stderr.isTTY || total === 0) return { step: () => {}, stop: () => {} };
  const bar = new cliProgress.SingleBar({ format, stream: process.stderr, clearOnComplete: true });
  bar.start(total, 0);
  return { step: () => bar.increment(), stop: () => bar.stop() };
}
