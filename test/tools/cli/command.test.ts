/** What all commands have in common: help, options, operands, errors and exit codes. */
import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { commandGroup, defineCommand, print, UsageError } from "../../../tools/cli/command.ts";
import { commandNames } from "../../../tools/cli/commands.ts";
import { text } from "../../../tools/language/index.ts";
import { readMarkdown, root, tableRows } from "../../docs/markdown.ts";
import { type CommandRun, runCommand, runCommands } from "../../support/command.ts";

let out = "";
let err = "";

beforeEach(() => {
  [out, err] = ["", ""];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    err += String(text);
    return true;
  });
});

afterEach(() => void vi.restoreAllMocks());

const bake = defineCommand({
  name: "bake",
  summary: text("Bakes bread.", "烤面包。"),
  details: text("It needs an oven.", "需要烤箱。"),
  operands: ["<flour>", "[<salt>]"],
  options: {
    minutes: { type: "string", value: "<minutes>", help: text("how long it bakes", "烤多久") },
    into: {
      type: "string",
      value: "<folder>",
      required: true,
      help: text("where the bread goes", "面包放在哪里"),
    },
    seed: { type: "string", value: "<name>", multiple: true, help: text("what goes on top", "撒什么") },
    dark: { type: "boolean", help: text("a dark crust", "深色外皮") },
  },
  examples: [["--into shelf rye", text("a loaf of rye", "一个黑麦面包")]],
  exitCodes: [text("it is baked", "烤好了"), text("the oven is cold", "烤箱是凉的")],
  run: ({ minutes, seed = [], dark }, operands) => {
    if (minutes === "many") throw new UsageError("--minutes is a number.");
    if (minutes === "0") throw new Error("The oven\n  is cold.");
    print(JSON.stringify({ minutes, seed, dark, operands }));
    return 0;
  },
});

describe("a command", () => {
  test("gets its options and operands, in any order", async () => {
    const args = ["rye", "--seed", "sesame", "--dark", "--into", "shelf", "salt", "--seed", "poppy"];
    expect(await bake.run(args)).toBe(0);
    expect(JSON.parse(out)).toEqual({ seed: ["sesame", "poppy"], dark: true, operands: ["rye", "salt"] });
    expect(err).toBe("");
  });

  test("explains itself with --help, whatever else is given, and does nothing", async () => {
    for (const args of [["--help"], ["-h", "--nonsense"], ["rye", "--help"]]) {
      out = "";
      expect(await bake.run(args)).toBe(0);
      expect(
        out,
      ).toBe(`Usage: npm run bake -- [--minutes <minutes>] --into <folder> [--seed <name>]… [--dark] <flour> [<salt>]

Bakes bread.
It needs an oven.

Options:
  --minutes <minutes>  how long it bakes
  --into <folder>      where the bread goes
  --seed <name>        what goes on top
  --dark               a dark crust
  --help               this text

Examples:
  npm run bake -- --into shelf rye  a loaf of rye

Exit code: 0 it is baked; 1 the oven is cold; 2 wrong usage.
`);
    }
  });

  test("takes what stands behind -- as operands", async () => {
    expect(await bake.run(["--into", "shelf", "--", "--help"])).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ operands: ["--help"] });
  });

  test.each([
    [["rye", "--into", "shelf", "--colour"], /^Unknown option '--colour'\. Usage: /],
    [["rye", "--into", "shelf", "--dark=yes"], /^Option '--dark' does not take an argument\. Usage: /],
    [["rye", "--into"], /^Option '--into <value>' argument missing\. Usage: /],
    [["rye"], /^bake needs --into <folder>\. Usage: /],
    [["rye", "--into", ""], /^bake needs --into <folder>\. Usage: /],
    [["--into", "shelf"], /^<flour> is missing\. Usage: /],
    [["rye", "salt", "more", "--into", "shelf"], /^Unexpected argument "more"\. Usage: /],
    [["rye", "--into", "shelf", "--minutes", "many"], /^--minutes is a number\. Usage: /],
  ])("called as %j is refused in one line, with exit code 2", async (args, line) => {
    expect(await bake.run(args)).toBe(2);
    expect(err).toMatch(line);
    expect(err).toMatch(/^[^\n]+\n$/);
    expect(out).toBe("");
  });

  test("that fails says so in one line, with exit code 1", async () => {
    expect(await bake.run(["rye", "--into", "shelf", "--minutes", "0"])).toBe(1);
    expect({ out, err }).toEqual({ out: "", err: "The oven is cold.\n" });
  });
});

describe("a group of commands", () => {
  const group = commandGroup("kitchen", { bake });

  test("runs the one that is named, wherever its options stand", async () => {
    expect(await group.run(["--dark", "bake", "--into", "shelf", "rye"])).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ dark: true, operands: ["rye"] });
  });

  test("lists them with --help, and explains one with its own", async () => {
    expect(await group.run(["--help"])).toBe(0);
    expect(out).toMatch(/^Usage: npm run kitchen -- bake\n[\s\S]*Bakes bread\./);
    out = "";
    expect(await group.run(["bake", "--help"])).toBe(0);
    expect(out).toContain("a dark crust");
  });

  test.each([
    [[], /^A command is missing\. /],
    [["fry"], /^There is no command "fry"\. /],
    [["toString"], /^There is no command "toString"\. /],
  ])("called as %j is refused in one line, with exit code 2", async (args, line) => {
    expect(await group.run(args)).toBe(2);
    expect(err).toMatch(line);
    expect(err).toMatch(/^[^\n]+\n$/);
  });
});

const packageJson = z
  .object({ scripts: z.record(z.string(), z.string()), bin: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));

/** Runs `npx zhenren …` without npx. */
const zhenren = (...args: string[]) => runCommand("zhenren.ts", args, {});

describe("zhenren", () => {
  let ends: readonly CommandRun[] = [];
  beforeAll(async () => {
    ends = await runCommands(
      commandNames.flatMap((name): [string, string][] => [
        [`${name}.ts`, "--help"],
        [`${name}.ts`, "--nonsense"],
      ]),
      {},
    );
  }, 120_000);

  test.each(commandNames.map((name, index) => [name, index] as const))(
    "%s explains itself with --help, and refuses an unknown option with exit code 2",
    (name, index) => {
      const [help, unknown] = ends.slice(2 * index);
      expect(help).toMatchObject({ code: 0, err: "" });
      expect(help?.out).toMatch(new RegExp(`^Usage: npx zhenren ${name}\\b`));
      expect(unknown).toMatchObject({ code: 2, out: "" });
      expect(unknown?.err).toContain(`Usage: npx zhenren ${name}`);
    },
  );

  test.each(commandNames)("%s has an npm script of the same name", (name) => {
    const script = packageJson.scripts[name];
    // npm start is found by its processes when npm itself is killed: tsx is one of them (test/local/stops.test.ts).
    const own = name === "start" ? "tsx local/main.ts" : `node tools/cli/zhenren.mjs ${name}`;
    expect(script).toBe(`node tools/require-node.cjs && ${own}`);
  });

  test("lists every command with one line each, alone and with --help", async () => {
    const [alone, help] = [await zhenren(), await zhenren("--help")];
    expect(alone).toEqual(help);
    expect(alone).toMatchObject({ code: 0, err: "" });
    const listed = [...alone.out.matchAll(/^ {2}([a-z]+) +\S.*$/gm)].map(([, name]) => name);
    expect(listed).toEqual(commandNames);
  });

  test.each([
    ["docs/commands.md", "C"],
    ["docs/commands.zh-CN.md", "zh_CN.UTF-8"],
  ])("lists in %s what it lists itself", async (page, LANG) => {
    const { out } = await runCommand("zhenren.ts", [], { LANG });
    const listed = [...out.matchAll(/^ {2}([a-z]+) +(\S.*)$/gm)].map(([, name, line]) => [
      `\`${name}\``,
      line,
    ]);
    expect(tableRows(readMarkdown(page).prose)).toEqual(listed);
  });

  test.each([
    ["depoly", "deploy"],
    ["statsu", "status"],
    ["sumilate", "simulate"],
    ["archives", "archive"],
    ["sim", "simulate"],
    ["Doctor", "doctor"],
  ])("called as %s names %s, with exit code 2", async (typed, meant) => {
    const refused = await zhenren(typed, "--json");
    expect(refused).toMatchObject({ code: 2, out: "" });
    expect(refused.err).toContain(`There is no command "${typed}". Did you mean ${meant}?`);
  });

  test.each(["frobnicate", "toString", "xyz"])(
    "called as %s, which is near to nothing, names nothing",
    async (typed) => {
      const refused = await zhenren(typed);
      expect(refused).toMatchObject({ code: 2, out: "" });
      expect(refused.err).not.toContain("Did you mean");
    },
  );

  test("names the nearest command of a group, too", async () => {
    expect((await zhenren("archive", "verfy")).err).toContain("Did you mean verify?");
  });

  test("is what package.json installs, and runs TypeScript without another process", () => {
    expect(packageJson.bin).toEqual({ zhenren: "tools/cli/zhenren.mjs" });
    const file = join(root, "tools/cli/zhenren.mjs");
    expect(statSync(file).mode & 0o111, "is executable").toBe(0o111);
    const { status, stdout } = spawnSync(file, ["openapi", "--help"], { cwd: tmpdir(), encoding: "utf8" });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Usage: npx zhenren openapi/);
  }, 60_000);
});
