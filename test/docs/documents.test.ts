import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { readSettings } from "../../shared/config/read.ts";
import { type Setting, type SettingName, settings } from "../../shared/config/settings.ts";
import { routes } from "../../shared/contract/routes.ts";
import { MisconfiguredError, type SettingProblem } from "../../shared/runtime/errors.ts";
import { Clock } from "../../simulator/clock.ts";
import { readSettings as readSimulatorSettings } from "../../simulator/settings.ts";
import { simulatorRoutes } from "../../simulator/simulator.ts";
import { deploySettings } from "../../tools/deploy/deployment.ts";
import { real } from "../config/sample.ts";
import { type Code, documents, readMarkdown, readmes, root, tableRows } from "./markdown.ts";

const settingNames = Object.keys(settings) as SettingName[];
const unquoted = (cell = "") => /^`([^`]*)`$/.exec(cell)?.[1];

describe.each(readmes)("%s", (file) => {
  const { prose } = readMarkdown(file);
  const rows = tableRows(prose);

  test("lists every setting and no other", () => {
    const listed = rows.map(([name]) => unquoted(name)).filter((name) => /^[A-Z_0-9]{4,}$/.test(name ?? ""));
    expect(listed.toSorted()).toEqual(settingNames.toSorted());
  });

  test.each(settingNames)("says the default of %s", (name) => {
    const cell = rows.find(([first]) => unquoted(first) === name)?.[2] ?? "";
    const setting: Setting = settings[name];
    const told = unquoted(cell);
    if (told !== undefined) expect(setting.default).toBe(told);
    else if (cell === "") expect(setting.default ?? setting.optional).toBeUndefined();
    else expect(setting.default ?? "").toBe("");
  });

  test("lists every route", () => {
    const told = rows.map(([first]) => first).join("\n");
    for (const { method, path } of Object.values(routes)) {
      expect(told).toMatch(new RegExp(`\`${method}\\b.*${path.replaceAll(/[{}]/g, "\\$&")}\``));
    }
  });

  test("lists every control of the simulator and no other", () => {
    const folder = mkdtempSync(join(tmpdir(), "zhenren-docs-"));
    const controls = simulatorRoutes(
      readSimulatorSettings({ LOCAL_DIR: folder }),
      "http://127.0.0.1:3100",
      new Clock(folder),
    )
      .filter(({ path }) => path.startsWith("/_sim/") && !path.startsWith("/_sim/fonts"))
      .map(({ method, path }) => `${method} ${path}`);
    rmSync(folder, { recursive: true });
    const listed = rows.flatMap(([first = ""]) => /^`(\w+ \/_sim\/[a-z/-]+)`/.exec(first)?.[1] ?? []);
    expect(listed.toSorted()).toEqual(controls.toSorted());
  });
});

test("both languages of the README have the same sections, lines to paste and tables", () => {
  const [english, chinese] = readmes.map(readMarkdown);
  const levels = (headings: readonly string[] = []) => headings.map((heading) => heading.split(" ")[0]);
  expect(levels(chinese?.headings)).toEqual(levels(english?.headings));
  const withoutComments = (code: readonly Code[] = []) =>
    code
      .filter(({ language }) => ["sh", "bash", "json"].includes(language))
      .map((block) => ({ ...block, text: block.text.replaceAll(/(^|\s+)# .*$/gm, "") }));
  expect(withoutComments(chinese?.code)).toEqual(withoutComments(english?.code));
  const subjects = (prose = "") => tableRows(prose).flatMap(([first = ""]) => /^`[^`]*`/.exec(first) ?? []);
  expect(subjects(chinese?.prose)).toEqual(subjects(english?.prose));
  expect(tableRows(chinese?.prose ?? "").map((row) => row.length)).toEqual(
    tableRows(english?.prose ?? "").map((row) => row.length),
  );
});

describe(".env.example", () => {
  const entries = readFileSync(join(root, ".env.example"), "utf8")
    .split("\n")
    .flatMap((line) => {
      const [, off, name = "", value = ""] = /^(# )?([A-Z][A-Z0-9_]+)=(.*)$/.exec(line) ?? [];
      return name ? [{ name, value, on: off === undefined }] : [];
    });

  test("holds every setting once, and what else serverless.yml and the deploy take from the environment", () => {
    const yml = readFileSync(join(root, "serverless.yml"), "utf8");
    const taken = [...yml.matchAll(/\$\{env:([A-Z0-9_]+)\}/g)].map(([, name]) => name);
    const wanted = new Set([...settingNames, ...taken, ...deploySettings]);
    expect(entries.map(({ name }) => name).toSorted()).toEqual([...wanted].toSorted());
  });

  const problemsOf = (
    names: readonly SettingName[],
    environment: Readonly<Record<string, string | undefined>>,
  ): readonly SettingProblem[] => {
    const inTheCloud = { TENCENTCLOUD_RUNENV: "SCF", TENCENTCLOUD_SECRETID: "of-the-role" };
    try {
      readSettings(names, { ...environment, ...inTheCloud });
      return [];
    } catch (error) {
      if (!(error instanceof MisconfiguredError)) throw error;
      return error.problems;
    }
  };
  const copied = Object.fromEntries(entries.filter(({ on }) => on).map(({ name, value }) => [name, value]));
  const message = "is still the placeholder of .env.example";

  test.each(entries)("holds a right value of $name, or a placeholder that is refused", ({ name, value }) => {
    const setting = settingNames.find((known) => known === name);
    if (!setting) return; // read by the deploy alone
    if (!/change-?me/.test(value)) expect(settings[setting].schema.safeParse(value).error).toBeUndefined();
    else expect(problemsOf([setting], { [setting]: value })).toContainEqual({ setting, message });
  });

  test("is refused as it is, with each of its placeholders, and accepted once these are replaced", () => {
    const problems = problemsOf(settingNames, copied);
    const placeholders = problems.filter((problem) => problem.message === message);
    expect(placeholders.map(({ setting }) => setting)).toEqual(
      expect.arrayContaining(["DATABASE_URL", "MASTER_KEY", "AUTH_SECRET", "TENCENT_SECRET_KEY"]),
    );
    // Without a channel: what its function needs is missing, and is not the file's to give.
    const named = settingNames.filter((name) => name in copied);
    const replaced = Object.fromEntries(placeholders.map(({ setting }) => [setting, real[setting]]));
    expect(problemsOf(named, { ...copied, ...replaced })).toEqual([]);
  });
});

describe("what people read", () => {
  test.each(documents())("%s links to files that exist", (file) => {
    const { prose } = readMarkdown(file);
    const links = [...prose.matchAll(/\]\(([^)#]+)/g)].map(([, target = ""]) => target);
    const local = links.filter((target) => !/^https?:/.test(target));
    expect(local.filter((target) => !existsSync(join(root, dirname(file), target)))).toEqual([]);
  });

  test.each(documents())("%s names only places of the code that exist", (file) => {
    const places = readMarkdown(file).prose.matchAll(
      /`((?:shared|functions|local|simulator|bundle|commands|test|bench)\/[\w./-]*)`/g,
    );
    const named = [...places].map(([, place = ""]) => place);
    const existing = named.filter((place) => !/\bnew\b/.test(place)); // `new` is the channel that somebody adds
    expect(existing.filter((place) => !existsSync(join(root, place)))).toEqual([]);
  });

  test("names only commands that there are", () => {
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
    for (const file of documents()) {
      const text = readFileSync(join(root, file), "utf8");
      for (const [, name = ""] of text.matchAll(/npm run (?:-s )?([a-z:]+)/g)) {
        expect(Object.keys(scripts), `${file}: npm run ${name}`).toContain(name);
      }
    }
  });

  test("tells each decision in context, decision and consequence, under its number", () => {
    for (const file of documents().filter((name) => name.includes("decisions"))) {
      const text = readFileSync(join(root, file), "utf8");
      const number = Number(/(\d{4})-/.exec(file)?.[1]);
      expect(text, file).toMatch(
        new RegExp(
          `^# ${number}\\. .+\n\n\\*\\*Context\\.\\*\\* [^]+\n\n\\*\\*Decision\\.\\*\\* [^]+\n\n\\*\\*Consequence\\.\\*\\* `,
        ),
      );
    }
  });
});
