import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { EXPECTED_WITHIN_MS } from "../../shared/app/scheduled-function.ts";
import { readSettings } from "../../shared/config/read.ts";
import { type SettingName, settings } from "../../shared/config/settings.ts";
import { events } from "../../shared/contract/events.ts";
import { ERROR_CODES } from "../../shared/contract/problem.ts";
import { routes } from "../../shared/contract/routes.ts";
import { MisconfiguredError, type SettingProblem } from "../../shared/runtime/errors.ts";
import { ALARM_NAMES } from "../../shared/runtime/log.ts";
import { reasons } from "../../shared/verification/reasons.ts";
import { Clock } from "../../simulator/clock.ts";
import { readSettings as readSimulatorSettings } from "../../simulator/settings.ts";
import { simulatorRoutes } from "../../simulator/simulator.ts";
import { commandNames } from "../../tools/cli/commands.ts";
import { deploySettings } from "../../tools/deploy/deployment.ts";
import { miniProgramRules } from "../../tools/doctor/mini-program/index.ts";
import { real } from "../config/sample.ts";
import { anchorOf, chineseOf, documents, readMarkdown, root, tableRows, textFiles } from "./markdown.ts";

const settingNames = Object.keys(settings) as SettingName[];
const unquoted = (cell = "") => /^`([^`]*)`$/.exec(cell)?.[1];

const inBothLanguages = (page: string) => [page, chineseOf(page)];
const rowsOf = (page: string) => tableRows(readMarkdown(page).prose);

test.each(inBothLanguages("docs/http.md"))("%s lists every route and every code of a problem", (file) => {
  const first = rowsOf(file).map(([cell = ""]) => cell);
  for (const { method, path } of Object.values(routes)) {
    expect(first.join("\n")).toMatch(new RegExp(`\`${method} ${path.replaceAll(/[{}]/g, "\\$&")}\``));
  }
  const codes = first.flatMap((cell) => /^`([a-z]+(?:_[a-z]+)*)`$/.exec(cell)?.[1] ?? []);
  expect(codes.toSorted()).toEqual([...ERROR_CODES].toSorted());
});

test.each(inBothLanguages("docs/simulator.md"))(
  "%s lists every control of the simulator and no other",
  (file) => {
    const folder = mkdtempSync(join(tmpdir(), "zhenren-docs-"));
    const controls = simulatorRoutes(
      readSimulatorSettings({ LOCAL_DIR: folder }),
      "http://127.0.0.1:3100",
      new Clock(folder),
    )
      .filter(({ path }) => path.startsWith("/_sim/") && !path.startsWith("/_sim/fonts"))
      .map(({ method, path }) => `${method} ${path}`);
    rmSync(folder, { recursive: true });
    const listed = rowsOf(file).flatMap(([first = ""]) => /^`(\w+ \/_sim\/[a-z/-]+)`/.exec(first)?.[1] ?? []);
    expect(listed.toSorted()).toEqual(controls.toSorted());
  },
);

test.each(inBothLanguages("docs/operations.md"))(
  "%s says for every alarm, and no other, what to do",
  (file) => {
    const alarms: readonly string[] = ALARM_NAMES;
    const rows = rowsOf(file).filter(
      (row) => alarms.includes(unquoted(row[0]) ?? "") || /^`[a-z]+_[a-z_]+`$/.test(row[0] ?? ""),
    );
    expect(rows.map(([name]) => unquoted(name)).toSorted()).toEqual(alarms.toSorted());
    for (const row of rows) expect(row.every((cell) => cell.length > 10)).toBe(true);
  },
);

test.each(inBothLanguages("docs/doctor.md"))("%s lists every mistake of a mini-program", (file) => {
  const listed = rowsOf(file).flatMap(([first = ""]) => unquoted(first) ?? []);
  const names = miniProgramRules.map(({ name }) => name);
  expect(listed.filter((name) => names.includes(name))).toEqual(names);
});

test.each(inBothLanguages("docs/events.md"))("%s lists every event and no other", (file) => {
  const listed = rowsOf(file).flatMap(([first = ""]) => /^`([a-z]+\.[a-z_]+)`$/.exec(first)?.[1] ?? []);
  expect(listed.toSorted()).toEqual(Object.keys(events).toSorted());
});

test.each(inBothLanguages("docs/architecture.md"))("%s shows every timer function", (file) => {
  for (const timer of Object.keys(EXPECTED_WITHIN_MS))
    expect(rowsOf(file).map(([first]) => unquoted(first))).toContain(timer);
});

test.each(inBothLanguages("docs/verification-states.md"))("%s shows every reason that is ours", (file) => {
  const shown = rowsOf(file).flatMap((row) => unquoted(row[2]?.split(/[,，]/)[0]) ?? []);
  for (const { code } of Object.values(reasons)) expect(shown).toContain(code);
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
      /`((?:shared|functions|local|simulator|tools|events|test|bench|client|examples)\/[\w./-]*)`/g,
    );
    const named = [...places].map(([, place = ""]) => place);
    // `sms-face` is the channel that a tutorial adds.
    const existing = named.filter((place) => !/sms-face/.test(place));
    expect(existing.filter((place) => !existsSync(join(root, place)))).toEqual([]);
  });

  test("in messages of the code names only pages and sections that exist", () => {
    const folders = ["shared", "functions", "pages", "tools", "client", "local", "simulator"];
    const code = folders
      .flatMap((folder) => textFiles(folder))
      .map((file) => readFileSync(join(root, file), "utf8"));
    const named = code.flatMap((text) => [
      ...text.matchAll(/\b(docs\/[\w./-]+\.md)(?:#([\p{L}\p{N}_-]+))?/gu),
    ]);
    expect(named.filter(([, , heading]) => heading !== undefined).length).toBeGreaterThan(3);
    const wrong = named.filter(
      ([, page = "", heading]) =>
        !existsSync(join(root, page)) ||
        (heading !== undefined && !readMarkdown(page).headings.map(anchorOf).includes(heading)),
    );
    expect(wrong.map(([place]) => place)).toEqual([]);
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
      for (const [, name = ""] of text.matchAll(/npx zhenren ([a-z]+)/g)) {
        expect(commandNames, `${file}: npx zhenren ${name}`).toContain(name);
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
