/** "Add a channel" in CONTRIBUTING, followed to the letter in a copy of the tree. */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Code, readMarkdown, root, tableRows } from "../docs/markdown.ts";

/** What the tutorial's code and its checks read. */
const COPIED = [
  "shared",
  "functions",
  "simulator",
  "tools",
  "local",
  "events",
  "test",
  "serverless.yml",
  "package.json",
  ".env.example",
  "docs",
];
/** A slow machine with much else to do. */
const TIMEOUT_MS = 300_000;

const { headings, code, prose } = readMarkdown("CONTRIBUTING.md");
const first = headings.indexOf("## Add a channel");
const last = headings.findIndex((heading, index) => index > first && heading.startsWith("## "));
const steps = code.filter(({ section }) => section >= first && section < last);
const places = tableRows(prose).flatMap(([cell = ""]) =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, place = ""]) => place),
);

let copy = "";
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "zhenren-tutorial-"));
  for (const name of COPIED)
    cpSync(join(root, name), join(copy, name), { recursive: true, filter: isSource });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  for (const step of steps) follow(step);
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const isSource = (path: string) => !/[\\/]node_modules([\\/]|$)/.test(path);

function follow({ language, info, text }: Code): void {
  const file = join(copy, info);
  if (language === "sh") {
    run("sh", ["-ec", text]);
  } else if (language === "diff") {
    writeFileSync(file, changed(readFileSync(file, "utf8"), text, info));
  } else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${text}\n`);
  }
}

/**
 * Applies a diff without line numbers: the lines to keep and to remove must each stand in the file, below the one before,
 * and added lines follow the last of them.
 */
function changed(source: string, diff: string, file: string): string {
  const lines = source.split("\n");
  let at = -1;
  for (const line of diff.split("\n")) {
    const text = line.slice(1);
    if (line.startsWith("+")) {
      at += 1;
      lines.splice(at, 0, text);
      continue;
    }
    const found = lines.indexOf(text, at + 1);
    if (found < 0) throw new Error(`CONTRIBUTING.md: ${file} has no line ${JSON.stringify(text)} there`);
    at = line.startsWith("-") ? found - 1 : found;
    if (line.startsWith("-")) lines.splice(found, 1);
  }
  return lines.join("\n");
}

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: copy,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], LOG_LEVEL: "silent", NO_COLOR: "1" },
  });
  const output = `${stdout}${stderr}`;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}:\n${output}`);
  return output;
}

/** Files of the copy that are not, or not like this, in the project. */
function changedFiles(): string[] {
  const contentOf = (folder: string, file: string) => {
    try {
      return readFileSync(join(folder, file), "utf8");
    } catch {
      return undefined;
    }
  };
  return COPIED.flatMap((name) => {
    if (name.includes(".")) return [name];
    return readdirSync(join(copy, name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(copy.length + 1));
  }).filter((file) => contentOf(copy, file) !== contentOf(root, file));
}

test("changes files in each place that the tutorial names, and nowhere else", () => {
  const files = changedFiles();
  expect(files.length).toBeGreaterThan(10);
  const placeOf = (file: string) =>
    places.find((place) => file === place || (place.endsWith("/") && file.startsWith(place)));
  expect(files.filter((file) => placeOf(file) === undefined)).toEqual([]);
  expect([...new Set(files.map(placeOf))].toSorted()).toEqual(places.toSorted());
});

test("leads to code whose types are right", { timeout: TIMEOUT_MS }, () => {
  const files = [
    ...changedFiles().filter((file) => file.endsWith(".ts")),
    "test/channels/registry.test.ts",
    "test/config/descriptions.test.ts",
    "tools/build/function-manifest.ts",
  ];
  const project = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: { noEmit: true },
    files,
    include: [],
  };
  writeFileSync(join(copy, "tsconfig.json"), JSON.stringify(project));
  run(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "."]);
});

test("leads to a channel that is complete and deployed with exactly its settings", {
  timeout: TIMEOUT_MS,
}, () => {
  // Without the set-up of the whole suite, which starts a database.
  const test = { include: ["test/**/*.test.ts"], testTimeout: TIMEOUT_MS };
  writeFileSync(
    join(copy, "vitest.config.mjs"),
    `export default ${JSON.stringify({ test })};
`,
  );
  const output = run(process.execPath, [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--reporter=verbose",
    "--testNamePattern=sms-face|SMS_FACE|npm run settings",
    "test/channels/registry.test.ts",
    "test/config/bundle.test.ts",
    "test/config/descriptions.test.ts",
  ]);
  expect(output).toContain("sms-face is complete");
  expect(output).toContain("FACEID_RULE_ID_SMS_FACE > is described");
  expect(output).toContain("docs/settings.md is what `npm run settings` writes");
  expect(output).toContain("token-sms-face > is given exactly the settings that it reads");
});
