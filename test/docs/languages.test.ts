/** Both languages of each page say the same: the same sections, blocks, tables and links. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { describe, expect, test } from "vitest";
import { anchorOf, type Code, chineseOf, pages, readMarkdown, root, tableRows } from "./markdown.ts";

const levels = (headings: readonly string[]) => headings.map((heading) => heading.split(" ")[0]);

/** Blocks without comments; of drawings only that they are there, because their labels are words. */
const blocks = (code: readonly Code[]) =>
  code.map(({ text, ...fence }) => ({
    ...fence,
    text:
      fence.language === "mermaid"
        ? ""
        : text.replaceAll(/(^|\s+)(#|\/\/) .*$/gm, "").replaceAll(/\/\*\*.*?\*\//gs, ""),
  }));

/** Where a page links to, in the other language's file or in the one file there is; without the heading, which is translated. */
const links = (prose: string) =>
  [...prose.matchAll(/\]\(([^)]+)\)/g)]
    .map(([, target = ""]) =>
      target
        .replace(/(?<=.)#.*$/, "")
        .replace(/^#.*$/, "#")
        .replace(/\.zh-CN\.md$/, ".md"),
    )
    .toSorted();

const subjects = (prose: string) =>
  tableRows(prose).map((row) => [/^`[^`]*`/.exec(row[0] ?? "")?.[0], row.length]);

describe.each(pages)("%s", (page) => {
  const english = readMarkdown(page);

  test("has a Chinese page with the same sections, blocks, tables and links", () => {
    const chinese = readMarkdown(chineseOf(page));
    expect(levels(chinese.headings)).toEqual(levels(english.headings));
    expect(blocks(chinese.code)).toEqual(blocks(english.code));
    expect(subjects(chinese.prose)).toEqual(subjects(english.prose));
    expect(links(chinese.prose)).toEqual(links(english.prose));
  });

  test("leads to the other language and back, and to pages of its own language", () => {
    const name = page.split("/").at(-1) ?? "";
    const chinese = readMarkdown(chineseOf(page)).prose;
    expect(english.prose).toContain(`[中文](${chineseOf(name)})`);
    expect(chinese).toContain(`[English](${name})`);
    const targets = [...chinese.matchAll(/\]\(([^)#]+\.md)/g)].map(([, target = ""]) => target);
    const wrong = targets.filter(
      (target) =>
        target !== name &&
        !target.endsWith(".zh-CN.md") &&
        existsSync(join(root, page, "..", chineseOf(target))),
    );
    expect(wrong).toEqual([]);
  });

  test.each([page, chineseOf(page)])("%s links to headings that exist", (file) => {
    for (const [, target = "", heading = ""] of readMarkdown(file).prose.matchAll(
      /\]\(([^)#:]*)#([^)]+)\)/g,
    )) {
      const path = target === "" ? file : join(file, "..", target);
      expect(readMarkdown(path).headings.map(anchorOf), `${file}: ${target}#${heading}`).toContain(heading);
    }
  });

  test("has JavaScript that can be read", () => {
    for (const { language, text } of english.code) {
      if (language === "js") transformSync(text, { loader: "js", format: "esm" });
    }
  });
});

test("no page is cut off", () => {
  for (const file of pages.flatMap((page) => [page, chineseOf(page)])) {
    const text = readFileSync(join(root, file), "utf8");
    expect((text.match(/^```/gm) ?? []).length % 2, file).toBe(0);
    expect((text.match(/`/g) ?? []).length % 2, file).toBe(0);
  }
});
