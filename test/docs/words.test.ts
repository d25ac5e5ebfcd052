/** Old words stand in the glossary's column "formerly" and nowhere else. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root, tableRows } from "./markdown.ts";

const GLOSSARY = "docs/glossary.md";
/** What is installed, built or written by running, and not part of the project. */
const NOT_OURS = new Set(["node_modules", ".git", "dist", ".local", "coverage", "miniprogram_npm"]);
const NOT_TEXT = /\.(png|jpg|mp4|woff2?)$|(^|\/)(package-lock\.json|LICENSE)$/;

/** Every text file of the project. */
function textFiles(folder = ""): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !NOT_OURS.has(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return textFiles(path);
      return entry.isFile() && !NOT_TEXT.test(path) && path !== GLOSSARY ? [path] : [];
    });
}

/** The words in `code` of the column "formerly", which is the last of each table. */
function oldWords(): string[] {
  return tableRows(readFileSync(join(root, GLOSSARY), "utf8")).flatMap((row) =>
    [...(row.at(-1) ?? "").matchAll(/`([^`]+)`/g)].map(([, word = ""]) => word),
  );
}

/** A word in small letters may stand inside another one by chance, at its end ("default"). */
const patternOf = (word: string) =>
  `${/^[a-z]/.test(word) ? "\\b" : ""}${word.replaceAll(/[.*+?^$(){}|[\]\\]/g, "\\$&")}(?!\\d)`;

test("no old word is left outside the glossary", () => {
  const words = oldWords();
  expect(words.length).toBeGreaterThan(20);
  const pattern = new RegExp(words.map(patternOf).join("|"));
  const files = textFiles();
  expect(files.length).toBeGreaterThan(400);
  const found = files.flatMap((file) =>
    readFileSync(join(root, file), "utf8")
      .split("\n")
      .flatMap((line, index) => {
        const [word] = pattern.exec(line) ?? [];
        return word === undefined ? [] : [`${file}:${index + 1}: ${word}`];
      }),
  );
  expect(found).toEqual([]);
});
