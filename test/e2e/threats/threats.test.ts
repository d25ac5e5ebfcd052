import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const tests = join(import.meta.dirname, "../..");
const THREATS = 87;

interface Held {
  readonly file: string;
  readonly titles: readonly string[];
}

/** `file` "title", "title", `file`, … as a cell has them. */
const heldBy = (cell: string): Held[] =>
  [...cell.matchAll(/`([^`]+\.test\.ts)`((?:,? "(?:[^"\\]|\\.)*")*)/g)].map(([, file = "", titles = ""]) => ({
    file,
    titles: [...titles.matchAll(/"([^"]*)"/g)].map(([, title = ""]) => title),
  }));

const rows = readFileSync(join(import.meta.dirname, "README.md"), "utf8")
  .split("\n")
  .filter((line) => /^\| \d/.test(line))
  .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "")))
  .map(([number = "", threat = "", held = "", broken = ""]) => ({
    number: Number(number),
    threat,
    held,
    broken,
  }));

/** All numbers that a file names: `THREAT 8`, `THREATS 3, 9` or `THREATS 37–40`. */
function numbersIn(text: string): Set<number> {
  const named = [...text.matchAll(/THREATS? ([\d, –]+)/g)].flatMap(([, list = ""]) => list.split(","));
  return new Set(
    named.flatMap((part) => {
      const [from = 0, to = from] = part.split("–").map(Number);
      return Array.from({ length: to - from + 1 }, (_, n) => from + n);
    }),
  );
}

describe("the list of threats", () => {
  test("has each of them once, in order", () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: THREATS }, (_, n) => n + 1));
  });

  test.each(rows)(
    "says of no. $number ($threat) what holds it, or which issue will",
    ({ number, held, broken }) => {
      const files = heldBy(held);
      if (files.length === 0) expect(held).toMatch(/^(not built yet: issue \d+|no test: .{20,})/);
      else expect(broken).not.toBe("–");
      for (const { file, titles } of files) {
        const path = join(tests, file);
        expect(existsSync(path), file).toBe(true);
        const text = readFileSync(path, "utf8");
        for (const title of titles) expect(text, file).toContain(title);
        if (titles.length === 0) expect(numbersIn(text), file).toContain(number);
      }
    },
  );

  test("has every number that a test names", () => {
    const named = rows.flatMap(({ held }) => heldBy(held)).map(({ file }) => file);
    for (const file of new Set(named)) {
      for (const number of numbersIn(readFileSync(join(tests, file), "utf8"))) {
        expect(number, file).toBeGreaterThanOrEqual(1);
        expect(number, file).toBeLessThanOrEqual(THREATS);
      }
    }
  });
});
