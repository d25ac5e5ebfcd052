import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { fields, type SettingName } from "../../shared/config/fields.ts";
import { readSettings } from "../../shared/config/read.ts";
import { routes } from "../../shared/contract/routes.ts";
import { Clock } from "../../simulator/clock.ts";
import { readSettings as readSimulatorSettings } from "../../simulator/settings.ts";
import { simulatorRoutes } from "../../simulator/simulator.ts";
import { deploySettings } from "../../tools/deploy/deployment.ts";
import { type Code, documents, readMarkdown, readmes, root, tableRows } from "./markdown.ts";

const settingNames = Object.keys(fields) as SettingName[];
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
    const missing = fields[name].safeParse(undefined);
    const told = unquoted(cell);
    if (told !== undefined) expect(missing.data).toEqual(fields[name].parse(told));
    else if (cell === "") expect(missing.success).toBe(false);
    else expect(missing.data ?? new Set()).toEqual(new Set());
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

  test("holds values that are right", () => {
    for (const { name, value } of entries) {
      const setting = settingNames.find((known) => known === name);
      if (setting) expect(fields[setting].safeParse(value).error, name).toBeUndefined();
    }
    const environment = Object.fromEntries(
      entries.filter(({ on }) => on).map(({ name, value }) => [name, value]),
    );
    const inTheCloud = { TENCENTCLOUD_RUNENV: "SCF", TENCENTCLOUD_SECRETID: "of-the-role" };
    expect(() => readSettings(settingNames, { ...environment, ...inTheCloud })).not.toThrow();
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
