/** The table of traps in client/README.md names its tests, and the Chinese one the same. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readMarkdown, root, tableRows } from "../docs/markdown.ts";

const titles = [
  ...readFileSync(join(root, "test/client/traps.test.ts"), "utf8").matchAll(
    /\b(?:test|describe)(?:\.each(?:<\w+>)?\([\s\S]*?\))?\(\s*"([^"]+)"/g,
  ),
].map(([, title = ""]) => title);

const namedIn = (file: string) =>
  tableRows(readMarkdown(file).prose)
    .filter(
      (row) => row.length === 3 && /^[\x20-\x7e]+$/.test(row[2] ?? "") && !row[0]?.startsWith("`zhenren"),
    )
    .map(([, , title = ""]) => title);

test("every trap has a test", () => {
  const named = namedIn("client/README.md");
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((name) => !titles.some((title) => title.includes(name)))).toEqual([]);
});

test("both languages have the same rows", () => {
  expect(namedIn("client/README.zh-CN.md")).toEqual(namedIn("client/README.md"));
});
