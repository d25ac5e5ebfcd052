/** `npm run mutate`: breaks the code in many small ways and says which of them no test notices. */
import { join } from "node:path";
import { defineCommand, print, printError, UsageError } from "../cli/command.ts";
import { text } from "../language/index.ts";
import type { Mutant } from "./mutants.ts";
import { copyTree, removeCopy, TestRunner } from "./runner.ts";
import { allMutants, selectMutants } from "./selection.ts";
import { type Fate, Trial } from "./trial.ts";

const root = join(import.meta.dirname, "../..");

function count(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(text)) throw new UsageError(`--${name} is a number from 1 on.`);
  return Number(text);
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").slice(0, 100);

async function mutate(mutants: readonly Mutant[]): Promise<Map<Mutant, Fate>> {
  const fates = new Map<Mutant, Fate>();
  const copy = copyTree(root);
  const runner = new TestRunner(copy);
  const trial = new Trial(copy, runner);
  const interrupt = () => {
    void runner.stop().finally(() => {
      removeCopy(copy);
      report(fates);
      process.exit(1);
    });
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, interrupt);
  try {
    for (const file of new Set(mutants.map((mutant) => mutant.file))) {
      const its = mutants.filter((mutant) => mutant.file === file);
      await trial.tryFile(file, its, (mutant, fate, killer = "") => {
        fates.set(mutant, fate);
        printError(`${fates.size}/${mutants.length} ${fate.padEnd(8)} ${mutant.id} ${killer}`.trimEnd());
      });
    }
  } finally {
    await runner.stop();
    removeCopy(copy);
  }
  return fates;
}

function report(fates: ReadonlyMap<Mutant, Fate>): number {
  const of = (wanted: Fate) => [...fates.values()].filter((fate) => fate === wanted).length;
  const left = [...fates].filter(([, fate]) => fate === "survived" || fate === "untested");
  for (const [{ id, original, replacement }, fate] of left) {
    print(`${fate}: ${id}\n    - ${oneLine(original)}\n    + ${oneLine(replacement)}`);
  }
  const noticed = of("killed") + of("timeout");
  print(
    `${noticed} of ${fates.size} mutants noticed (${((100 * noticed) / fates.size).toFixed(1)} %): ` +
      `${of("killed")} by a failing test, ${of("timeout")} by a run that did not end; ` +
      `${of("survived")} survived, ${of("untested")} have no test file.`,
  );
  return left.length === 0 ? 0 : 1;
}

const command = defineCommand({
  name: "mutate",
  summary: text(
    "Breaks the code in many small ways, one at a time, and lists the ways that no test notices.",
    "逐一对代码做微小的破坏，列出没有任何测试发现的破坏。",
  ),
  details: text(
    "Works in a copy of the tree. Mutants that change nothing visible are listed in tools/mutate/equivalents.ts.",
    "在副本中进行。不改变任何可见行为的变异列在 tools/mutate/equivalents.ts。",
  ),
  options: {
    files: {
      type: "string",
      multiple: true,
      value: "<path>",
      help: text("only sources whose path begins so", "只处理路径以此开头的源文件"),
    },
    id: {
      type: "string",
      multiple: true,
      value: "<file:line:operator>",
      help: text("only the mutants that are called so, as a report names them", "只处理报告中这样命名的变异"),
    },
    since: {
      type: "string",
      value: "<revision>",
      help: text("only sources that differ from this git revision", "只处理与该 git 版本不同的源文件"),
    },
    sample: {
      type: "string",
      value: "<count>",
      help: text("only so many mutants, drawn by --seed", "只取这么多个变异，由 --seed 抽取"),
    },
    seed: {
      type: "string",
      value: "<text>",
      help: text("which ones are drawn (default 1)", "抽取哪些（默认 1）"),
    },
    list: { type: "boolean", help: text("only list the mutants", "只列出变异") },
  },
  examples: [
    ["--sample 150", text("about a quarter of an hour", "约一刻钟")],
    ["--files shared/crypto", text("every mutant of one folder", "一个文件夹的全部变异")],
    [
      "--since main",
      text("every mutant of the files that a branch has changed", "一个分支改过的文件的全部变异"),
    ],
  ],
  exitCodes: [text("every mutant was noticed", "每个变异都被发现"), text("some were not", "有未被发现的")],
  run: async ({ files, id: ids, since, sample, seed, list }) => {
    const options = { files, ids, since, sample: count(sample, "sample"), seed: seed ?? "1" };
    const mutants = list && sample === undefined ? allMutants(root, options) : selectMutants(root, options);
    if (list) {
      for (const { id, original, replacement } of mutants) {
        print(`${id}  ${oneLine(original)} → ${oneLine(replacement)}`);
      }
      return 0;
    }
    if (mutants.length === 0) throw new UsageError("No mutants: no source begins so, or none has changed.");
    return report(await mutate(mutants));
  },
});

process.exitCode = await command.run(process.argv.slice(2));
