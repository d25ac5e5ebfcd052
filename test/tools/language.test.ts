/** The two languages of printed texts: every text has both, and both name the same settings, options and values. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import * as z from "zod";
import { root } from "../docs/markdown.ts";
import { type CommandRun, runCommand, runCommands } from "../support/command.ts";

const CHINESE = /\p{Script=Han}/u;

afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

const languageIn = async (env: Readonly<Record<string, string>>) => {
  for (const name of ["LC_ALL", "LC_MESSAGES", "LANG"]) vi.stubEnv(name, env[name]);
  vi.resetModules();
  return import("../../tools/language/index.ts");
};

describe("the language", () => {
  test.each([
    [{}, "one"],
    [{ LANG: "C" }, "one"],
    [{ LANG: "en_US.UTF-8" }, "one"],
    [{ LANG: "zh_CN.UTF-8" }, "一"],
    [{ LANG: "zh" }, "一"],
    [{ LANG: "zh_TW.UTF-8", LC_MESSAGES: "" }, "一"],
    [{ LANG: "en_US.UTF-8", LC_MESSAGES: "zh_CN.UTF-8" }, "一"],
    [{ LANG: "zh_CN.UTF-8", LC_MESSAGES: "C" }, "one"],
    [{ LANG: "C", LC_MESSAGES: "C", LC_ALL: "zh_CN.UTF-8" }, "一"],
    [{ LANG: "zh_CN.UTF-8", LC_ALL: "C" }, "one"],
    [{ LANG: "zh_CN.UTF-8", LC_ALL: "" }, "一"],
  ])("of %o is that of the first variable that is set", async (env, word) => {
    const { text, verbatim } = await languageIn(env);
    expect([text("one", "一"), verbatim("PORT")]).toEqual([word, "PORT"]);
  });

  test("pads Chinese by the columns that it takes", async () => {
    const { padded, widthOf } = await languageIn({});
    expect(["passed", "通过", "E证通：", "<目录>"].map(widthOf)).toEqual([6, 4, 7, 6]);
    expect([padded("通过", 6), padded("passed", 4)]).toEqual(["通过  ", "passed"]);
  });
});

/** A call of `text`, as written. */
interface Written {
  readonly place: string;
  readonly english: string;
  readonly chinese: string;
}

function textsOf(file: string): Written[] {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), "utf8"), ts.ScriptTarget.Latest);
  const found: Written[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "text") {
      const [english = "", chinese = ""] = node.arguments.map((argument) => argument.getText(source));
      const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
      found.push({ place: `${file}:${line}`, english, chinese });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.includes("node_modules"))
    .map((name) => join(folder, name));

const texts = [...filesIn("tools"), ...filesIn("local")]
  .filter((file) => file !== "tools/language/index.ts")
  .flatMap(textsOf);

/** Names that readers type or look up: settings, options, commands, files, statuses and codes. */
const namesIn = (written: string): string[] =>
  [
    ...(written.match(/\b[A-Z]+(?:_[A-Z]+)+\b/g) ?? []),
    ...(written.match(/(?<![\w-])--[a-z][a-z-]*/g) ?? []),
    ...(written.match(/npm (?:run \w+|start)/g) ?? []),
    ...(written.match(/\b(?:serverless\.yml|\.env)/g) ?? []),
    // Each language has its page of the same name.
    ...(written.match(/\bdocs\/[\w-]+(?:\.zh-CN)?\.md/g) ?? []).map((page) => page.replace(".zh-CN", "")),
    ...(written.match(/(?<!\$)\{\w+\}/g) ?? []),
  ].toSorted();

/** Values that are filled in, without the words that each language has for them; a plural is English grammar. */
const valuesIn = (written: string): string[] =>
  [...written.matchAll(/\$\{([^{}]*)\}/g)]
    .map(([, expression = ""]) =>
      expression
        .replace(/\.join\(.*\)$/, "")
        .replace(/ (\?|\|\|) ".*$/, "")
        .replace(/^counted\((.+), "[\w ]+"\)$/, "$1"),
    )
    .filter((expression) => !expression.endsWith("=== 1"))
    .toSorted();

describe("a printed text", () => {
  test("is found where it is written", () => {
    expect(texts.length).toBeGreaterThan(100);
  });

  test("has Chinese, and English without any but the vendors' names", () => {
    const wordsOf = (written: string) => written.replaceAll(/\$\{[^{}]*\}/g, "");
    const wrong = texts.filter(
      ({ english, chinese }) =>
        (/[a-z]/.test(wordsOf(english)) && !CHINESE.test(wordsOf(chinese))) ||
        CHINESE.test(english.replace(/E证通|人脸核身|备案/g, "")),
    );
    expect(wrong).toEqual([]);
  });

  test("names the same settings, options and commands in both languages, and fills in the same values", () => {
    const literal = texts.filter(({ english }) => /^["`]/.test(english));
    const differing = literal.filter(({ english, chinese }) => {
      const [one, other] = [english, chinese].map((each) => [
        ...new Set([...namesIn(each), ...valuesIn(each)]),
      ]);
      return JSON.stringify(one) !== JSON.stringify(other);
    });
    expect(differing).toEqual([]);
  });
});

const tableSchema = z.array(z.tuple([z.instanceof(RegExp), z.string(), z.string()]));

test("every diagnosis, and every check of the doctor that is not called by its settings alone, is in Chinese", async () => {
  await languageIn({ LANG: "zh_CN.UTF-8" });
  const modules = await Promise.all(
    filesIn("tools/diagnose").map((file): Promise<object> => import(join(root, file))),
  );
  const tables = modules
    .flatMap((module) => Object.values(module))
    .map((value) => tableSchema.safeParse(value));
  const sentences = tables.flatMap(({ data = [] }) => data.flatMap(([, why, fix]) => [why, fix]));
  expect(sentences.length).toBeGreaterThan(60);
  const { groups } = await import("../../tools/doctor/run-checks.ts");
  const names = groups.flatMap(([group, checks]) => [group, ...checks.map(({ name }) => name)]);
  expect(names.length).toBeGreaterThan(30);
  const english = [...sentences, ...names].filter(
    (each) => !CHINESE.test(each) && !/^[A-Z0-9_]+$/.test(each),
  );
  expect(english).toEqual([]);
});

/** Runs a command without arguments in a language. */
const run = (language: string, file: string) =>
  runCommand(file, [], { LANG: language, LOCAL_DIR: "/nowhere" });

/** Reached without a network: whatever is asked of it fails at once. */
const nothing = {
  DATABASE_URL: "postgres://user:password@127.0.0.1:1/database",
  SIMULATOR_URL: "http://127.0.0.1:1",
  PUBLIC_URL: "http://127.0.0.1:1",
};

test("the doctor's JSON is the same in every language, its report is not, and both exit alike", {
  timeout: 120_000,
}, async () => {
  const doctor = (language: string, ...args: readonly string[]) =>
    runCommand("doctor.ts", args, { ...nothing, LANG: language });
  const [json, englishJson] = [await doctor("zh_CN.UTF-8", "--json"), await doctor("C", "--json")];
  expect(json).toEqual(englishJson);
  expect(json.out.replaceAll("E证通", "")).not.toMatch(CHINESE);
  const [report, englishReport] = [await doctor("zh_CN.UTF-8"), await doctor("C")];
  expect([report.code, englishReport.code]).toEqual([1, 1]);
  const fixes = report.out.split("\n").filter((line) => /^ +办法：/.test(line));
  expect(fixes).toHaveLength(englishReport.out.match(/^ +fix: /gm)?.length ?? -1);
  expect(fixes.filter((line) => !CHINESE.test(line.replace("办法", "")))).toEqual([]);
});

test("a refused deploy has the same problems in either language, and exits alike", {
  timeout: 120_000,
}, async () => {
  const [chinese, english] = [await run("zh_CN.UTF-8", "deploy.ts"), await run("C", "deploy.ts")];
  expect([chinese.code, english.code]).toEqual([1, 1]);
  const problems = chinese.err.split("\n").filter((line) => line.startsWith("  - "));
  expect(problems).toHaveLength(english.err.match(/^ {2}- /gm)?.length ?? -1);
  expect(problems.filter((line) => !CHINESE.test(line))).toEqual([]);
  expect(english.err).not.toMatch(CHINESE);
});

const commandLines: readonly (readonly [command: string, wrong: readonly string[]])[] = [
  ["archive.ts", ["erase"]],
  ["archive.ts list", ["--limit", "none"]],
  ["archive.ts show", ["ver_1", "ver_2"]],
  ["archive.ts export", ["ver_1"]],
  ["archive.ts verify", ["--nonsense"]],
  ["build.ts", ["unexpected"]],
  ["deploy.ts", ["--into", "somewhere"]],
  ["doctor.ts", ["--nonsense"]],
  ["invoke.ts", ["login"]],
  ["migrate.ts", ["--nonsense"]],
  ["init.ts", ["--stage", "production"]],
  ["zhenren.ts", ["frobnicate"]],
  ["simulate.ts push", ["--lose", "perhaps"]],
];

describe("a command", () => {
  let chinese: readonly CommandRun[] = [];
  let english: readonly CommandRun[] = [];
  beforeAll(async () => {
    const lines = commandLines.flatMap(([command, wrong]): (readonly [string, ...string[]])[] => {
      const [file = "", ...name] = command.split(" ");
      return [
        [file, ...name, "--help"],
        [file, ...name, ...wrong],
      ];
    });
    const runIn = (LANG: string) => runCommands(lines, { LANG, LOCAL_DIR: "/nowhere" });
    [chinese, english] = await Promise.all([runIn("zh_CN.UTF-8"), runIn("C")]);
  });

  test.each(commandLines.map(([command], index) => [command, index] as const))(
    "%s explains itself and refuses wrong usage in either language, with the same exit codes",
    (_, index) => {
      const [help, refusal] = chinese.slice(2 * index);
      const [englishHelp, englishRefusal] = english.slice(2 * index);
      expect([help?.code, englishHelp?.code]).toEqual([0, 0]);
      expect(englishHelp?.out).not.toMatch(CHINESE);
      const lines = help?.out.split("\n").filter((line) => line.trim() !== "") ?? [];
      expect(lines.length).toBeGreaterThan(2);
      expect(lines.filter((line) => !CHINESE.test(line) && !/^ {2}npx zhenren /.test(line))).toEqual([]);
      expect(refusal).toMatchObject({ code: 2, out: "", err: expect.stringMatching(CHINESE) });
      expect(englishRefusal).toMatchObject({ code: 2, out: "", err: expect.not.stringMatching(CHINESE) });
    },
  );
});
