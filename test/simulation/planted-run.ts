/** Plants known bugs in a copy of the tree, one at a time, and runs histories until one is broken. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { print, printError } from "../../tools/cli/command.ts";
import { copyTree, removeCopy } from "../../tools/mutate/runner.ts";
import type { WorldResult } from "./history.ts";
import { PLANTED, type PlantedBug } from "./planted.ts";
import { runWorker, type Server } from "./workers.ts";

interface Range {
  readonly seed: number;
  readonly worlds: number;
  /** In each world. */
  readonly histories: number;
}

/** The source with the bug in it. Throws if the place is not there, once. */
export function plant(source: string, { file, from, to }: PlantedBug): string {
  if (source.split(from).length !== 2) throw new Error(`${file} does not hold once: ${from}`);
  return source.replace(from, () => to);
}

/** Runs histories with the bug until one is broken; `undefined` if none is. */
async function find(
  server: Server,
  copy: string,
  bug: PlantedBug,
  { seed, worlds, histories }: Range,
): Promise<{ readonly histories: number; readonly problem: string } | undefined> {
  const path = join(copy, bug.file);
  const source = readFileSync(path, "utf8");
  writeFileSync(path, plant(source, bug));
  const found = new AbortController();
  let ran = 0;
  let problem: string | undefined;
  const onResult = (result: WorldResult) => {
    if (problem !== undefined) return;
    ran += result.histories;
    problem = result.problems[0];
    if (problem !== undefined) found.abort();
  };
  try {
    const databaseUrl = await server.makeDatabase();
    const { signal } = found;
    await runWorker({
      root: copy,
      databaseUrl,
      first: seed,
      step: 1,
      count: worlds,
      histories,
      onResult,
      signal,
    });
  } finally {
    writeFileSync(path, source);
  }
  return problem === undefined ? undefined : { histories: ran, problem };
}

/** All of them; prints the table of `docs/testing.md`. Answers the exit code. */
export async function runPlanted(
  server: Server,
  root: string,
  range: Range & { readonly workers: number },
): Promise<number> {
  const waiting = [...PLANTED.entries()];
  const rows: string[] = [];
  let missed = 0;
  const work = async () => {
    const copy = copyTree(root);
    try {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const [index, bug] = next;
        const found = await find(server, copy, bug, range);
        if (!found) missed += 1;
        const said = found ? `${found.histories} | ${withoutIds(found.problem)}` : "not found | ";
        rows[index] = `| \`${bug.file.replace(/^shared\//, "")}\`: ${bug.what} | ${said} |`;
        printError(rows[index] ?? "");
      }
    } finally {
      removeCopy(copy);
    }
  };
  await Promise.all(Array.from({ length: range.workers }, work));
  for (const row of rows) print(row);
  print(`${PLANTED.length - missed} of ${PLANTED.length} planted bugs found.`);
  return missed === 0 ? 0 : 1;
}

const withoutIds = (problem: string): string =>
  problem
    .replaceAll(/(ver|evt)_[0-9a-f-]{36}/g, "…")
    .replaceAll(/CANARY-[A-Z]+[\w-]*/g, "…")
    .replaceAll("|", "\\|")
    .slice(0, 90);
