/** What people read about settings, against what the functions are deployed with. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { descriptions, settingGroups } from "../../shared/config/descriptions/index.ts";
import { readSettings } from "../../shared/config/read.ts";
import { type Setting, type SettingName, settings } from "../../shared/config/settings.ts";
import { readBundle } from "../../tools/build/serverless-yml.ts";
import { settingsDocuments } from "../../tools/settings/documents.ts";
import { readMarkdown, root, tableRows } from "../docs/markdown.ts";

const names = Object.keys(settings) as SettingName[]; // the object's own keys

test.each(Object.entries(settingsDocuments()))("%s is what `npm run settings` writes", (file, text) => {
  expect(readFileSync(join(root, file), "utf8"), "run `npm run settings`").toBe(text);
});

test("every setting is in one group", () => {
  const grouped = settingGroups.flatMap((group) => Object.keys(group.settings));
  expect(grouped.toSorted()).toEqual(names.toSorted());
});

describe.each(names)("%s", (name) => {
  const setting: Setting = settings[name];
  const description = descriptions[name];
  const refusal = (value: string): string => {
    try {
      readSettings([name], { [name]: value });
    } catch (error) {
      return error instanceof Error ? error.message : "";
    }
    return "";
  };

  test("is described in one line of English and one of Chinese", () => {
    expect(description.en).toMatch(/^\S.*\w.*[^.]$/);
    expect(description.zh).toMatch(/\p{Script=Han}.*[^。]$/u);
  });

  test("has an example: a right value, or a placeholder that is refused, as that of every secret", () => {
    const example = description.example ?? setting.default ?? "";
    expect(example).not.toBe("");
    if (description.secret || example.includes("change-me"))
      expect(refusal(example)).toContain("placeholder");
    else expect(setting.schema.safeParse(example).error).toBeUndefined();
  });

  test("is a secret if its name says so", () => {
    const looksSecret = /(_SECRET|_KEY|_TOKEN|_SECRET_ID)$/.test(name);
    expect(description.secret ?? false).toBe(looksSecret || name === "DATABASE_URL");
  });

  test("has a right value as its default, if it has one", () => {
    if (setting.default !== undefined)
      expect(setting.schema.safeParse(setting.default).error).toBeUndefined();
  });
});

describe.each([
  ["docs/settings.md", "the deploy", "all but ", "all"],
  ["docs/settings.zh-CN.md", "部署", "除 ", "全部"],
])("%s", (file, deploy, allBut, all) => {
  const { functions } = readBundle();
  const rows = tableRows(readMarkdown(file).prose);
  // A temporary key and the simulator are of no use in the cloud.
  const neverDeployed = ["TENCENT_TOKEN", "SIMULATOR_URL"];

  test("says of every setting which functions of serverless.yml are given it", () => {
    for (const [first = "", , , , , readers = ""] of rows) {
      const [, name = ""] = /^`(\w+)`/.exec(first) ?? [];
      const given = Object.keys(functions).filter((key) => name in (functions[key]?.environment ?? {}));
      if (readers === deploy) expect(given, name).toEqual([]);
      if (readers === deploy || neverDeployed.includes(name)) continue;
      const told = [...readers.matchAll(/`([\w-]+)`/g)].map(([, key = ""]) => key);
      const others = Object.keys(functions).filter((key) => !told.includes(key));
      const readBy = readers === all || readers.startsWith(allBut) ? others : told;
      expect(readBy.toSorted(), name).toEqual(given.toSorted());
    }
  });

  test("has the settings of both languages in the same order", () => {
    const english = tableRows(readMarkdown("docs/settings.md").prose);
    expect(rows.map(([first = ""]) => first.split(" ")[0])).toEqual(
      english.map(([first = ""]) => first.split(" ")[0]),
    );
    expect(rows.length).toBeGreaterThan(names.length);
  });
});
