/** Finds the stack that runs on a folder, for commands that work on its data. */

import { text } from "../tools/language/index.ts";
import { isAlive } from "./processes.ts";
import type { Settings } from "./settings.ts";
import { readStackFile } from "./stack-file.ts";

/** Where a running stack and its parts are. */
export interface RunningStack {
  readonly url: string;
  readonly simulatorUrl: string;
  /** `DATABASE_URL`, `MASTER_KEY`, `ARCHIVE_URL` and the other settings of its functions, with `SIMULATOR_URL`. */
  readonly settings: Settings;
  /** Where its bundles are. */
  readonly distDir: string;
}

/** The stack of this folder; `undefined` when none runs. */
export function findRunningStack(localDir: string): RunningStack | undefined {
  const facts = readStackFile(localDir);
  const { url, simulatorUrl, distDir } = facts ?? {};
  if (!facts || !isAlive(facts.owner) || !url || !simulatorUrl || !distDir) return undefined;
  return { url, simulatorUrl, distDir, settings: { ...facts.settings, SIMULATOR_URL: simulatorUrl } };
}

/** The stack of this folder. Throws a sentence that says how to start one when none runs. */
export function runningStack(localDir: string): RunningStack {
  const stack = findRunningStack(localDir);
  if (stack) return stack;
  throw new Error(
    text(
      `Zhenren is not running on ${localDir}. Start it with npm start, or set LOCAL_DIR to its folder.`,
      `没有在 ${localDir} 上运行的本机环境。请用 npm start 启动，或把 LOCAL_DIR 设为它的目录。`,
    ),
  );
}
