/** What people read about the settings, written from `shared/config/` and from what the functions read. */
import {
  type SettingDescription,
  type SettingGroup,
  settingGroups,
} from "../../shared/config/descriptions/index.ts";
import { type Setting, type SettingName, settings } from "../../shared/config/settings.ts";
import { functionManifests } from "../build/function-manifest.ts";
import { deploymentVariables } from "./deployment.ts";
import { EXAMPLE_INTRODUCTION, type Language, wordings } from "./wording.ts";

/** A setting, or a variable of the deployment, with what the functions say about it. */
interface Entry {
  readonly name: string;
  readonly description: SettingDescription;
  /** Not of a variable that only the deploy reads. */
  readonly setting?: Setting;
  /** Functions that read it. */
  readonly readers: readonly string[];
}

const isSettingName = (name: string): name is SettingName => Object.hasOwn(settings, name);
const functionNames = Object.keys(functionManifests);

const entriesOf = ({ settings: described }: SettingGroup): Entry[] =>
  Object.entries(described).map(([name, description]) => ({
    name,
    description,
    readers: functionNames.filter((key) =>
      functionManifests[key]?.settingNames.some((settingName) => settingName === name),
    ),
    ...(isSettingName(name) && { setting: settings[name] }),
  }));

const groups: readonly SettingGroup[] = [deploymentVariables, ...settingGroups];

const code = (text: string): string => (text === "" ? "" : `\`${text}\``);

const list = (names: readonly string[], language: Language): string =>
  names.map(code).join(wordings[language].comma);

const isAlwaysDeployed = (key: string): boolean => functionManifests[key]?.enablingSettings.length === 0;

function needOf({ description, setting, readers }: Entry, language: Language): string {
  const { yes, no, neededBy } = wordings[language];
  if (description.needed) return description.needed[language];
  if (!setting || setting.optional || setting.default !== undefined) return no;
  return readers.some(isAlwaysDeployed) ? yes : neededBy(list(readers, language));
}

/** Names the functions that do not read it where these are fewer. */
function readersOf({ setting, readers }: Entry, language: Language): string {
  const { deploy, all, allBut } = wordings[language];
  if (!setting) return deploy;
  const others = functionNames.filter((key) => !readers.includes(key));
  if (others.length === 0) return all;
  return others.length < readers.length ? allBut(list(others, language)) : list(readers, language);
}

function rowOf(entry: Entry, language: Language): readonly string[] {
  const { name, description, setting } = entry;
  return [
    description.secret ? `${code(name)} (${wordings[language].secret})` : code(name),
    description[language],
    needOf(entry, language),
    code(setting?.default ?? ""),
    code(description.example ?? ""),
    readersOf(entry, language),
  ];
}

const cells = (texts: readonly string[]): string =>
  `|${texts.map((text) => (text === "" ? " " : ` ${text.replaceAll("|", "\\|")} `)).join("|")}|`;

function tableOf(group: SettingGroup, language: Language): string {
  const { tableHead } = wordings[language];
  return [
    `## ${group.title[language]}`,
    "",
    cells(tableHead),
    `|${"---|".repeat(tableHead.length)}`,
    ...entriesOf(group).map((entry) => cells(rowOf(entry, language))),
  ].join("\n");
}

const settingsPage = (language: Language): string =>
  `${[wordings[language].introduction, ...groups.map((group) => tableOf(group, language))].join("\n\n")}\n`;

/** What `.env.example` says above a setting, by its name, with the title of its group; in the order of the file. */
export const settingComments = (
  language: Language,
): ReadonlyMap<string, { readonly group: string; readonly comment: string; readonly isUsual: boolean }> =>
  new Map(
    groups.flatMap((group) =>
      entriesOf(group).map((entry) => [
        entry.name,
        {
          group: group.title[language],
          comment: commentOf(entry, language),
          isUsual: entry.description.usual ?? false,
        },
      ]),
    ),
  );

/** One line of comment, without the marks of Markdown. */
function commentOf(entry: Entry, language: Language): string {
  const { no, secret, fullStop, needed, default: defaultTo } = wordings[language];
  const { description, setting } = entry;
  const need = needOf(entry, language);
  const sentences = [
    description[language],
    ...(need === no ? [] : [needed(need)]),
    ...(setting?.default ? [defaultTo(setting.default)] : []),
    ...(description.secret ? [secret] : []),
  ];
  return `# ${sentences.map((sentence) => sentence + fullStop).join("")}`.trim().replaceAll("`", "");
}

function exampleOf(entry: Entry): string {
  const { name, description, setting } = entry;
  const line = `${name}=${description.example ?? setting?.default ?? ""}`;
  const comments = [commentOf(entry, "en"), commentOf(entry, "zh")];
  return [...comments, description.usual ? line : `# ${line}`].join("\n");
}

const exampleGroup = (group: SettingGroup): string =>
  [`# --- ${group.title.en} · ${group.title.zh} ---`, ...entriesOf(group).map(exampleOf)].join("\n");

/** Each file that is written from the settings, with its text. */
export const settingsDocuments = (): Readonly<Record<string, string>> => ({
  ".env.example": `${[EXAMPLE_INTRODUCTION, ...groups.map(exampleGroup)].join("\n\n")}\n`,
  "docs/settings.md": settingsPage("en"),
  "docs/settings.zh-CN.md": settingsPage("zh"),
});
