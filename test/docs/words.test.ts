/** Old words, English and Chinese, stand in the glossary's column "formerly" and nowhere else. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root, tableRows, textFiles } from "./markdown.ts";

const GLOSSARY = "docs/glossary.md";

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
  const files = textFiles().filter((file) => file !== GLOSSARY);
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
