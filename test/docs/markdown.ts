/** Reads the project's texts, and of its Markdown headings, fenced code and tables, as far as tests look at them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The project's folder. */
export const root = join(import.meta.dirname, "..", "..");

/** Fenced code, with what stands behind the fence and the heading that it is under. */
export interface Code {
  readonly language: string;
  /** The rest of the info string. */
  readonly info: string;
  readonly text: string;
  /** Which heading of the file, from 0. */
  readonly section: number;
}

/** One file, taken apart. */
export interface Markdown {
  readonly headings: readonly string[];
  readonly code: readonly Code[];
  /** Everything that is not code. */
  readonly prose: string;
}

/** Reads a file of the project. */
export function readMarkdown(file: string): Markdown {
  const headings: string[] = [];
  const code: Code[] = [];
  const prose: string[] = [];
  let open: { language: string; info: string; lines: string[] } | undefined;
  for (const line of readFileSync(join(root, file), "utf8").split("\n")) {
    const [, language = "", info = ""] = /^```(\w*) ?(.*)$/.exec(line) ?? [];
    if (open && line === "```") {
      const { lines, ...fence } = open;
      code.push({ ...fence, text: lines.join("\n"), section: headings.length - 1 });
      open = undefined;
    } else if (open) open.lines.push(line);
    else if (line.startsWith("```")) open = { language, info, lines: [] };
    else {
      prose.push(line);
      if (/^#+ /.test(line)) headings.push(line);
    }
  }
  return { headings, code, prose: prose.join("\n") };
}

/** What leads to a heading, as GitHub makes it. */
export const anchorOf = (heading: string): string =>
  heading
    .replace(/^#+ /, "")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

/** The rows of all tables in a text, cell by cell, without heads and rulers. */
export function tableRows(prose: string): string[][] {
  const lines = prose.split("\n");
  const isRuler = (line = "") => /^\|(-+\|)+$/.test(line);
  return lines
    .filter((line, index) => line.startsWith("|") && !isRuler(line) && !isRuler(lines[index + 1]))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

/** What is installed, built or written by running, and not part of the project. */
const NOT_OURS = new Set(["node_modules", ".git", "dist", ".local", "coverage", "miniprogram_npm"]);
const NOT_TEXT = /\.(png|jpg|mp4|woff2?)$|(^|\/)(package-lock\.json|LICENSE)$/;

/** Every text file of the project, or of one of its folders. */
export function textFiles(folder = ""): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !NOT_OURS.has(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return textFiles(path);
      return entry.isFile() && !NOT_TEXT.test(path) ? [path] : [];
    });
}

/** Every Markdown file that people read. */
export function documents(): string[] {
  const inDocs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" });
  return [
    "README.md",
    "README.zh-CN.md",
    "client/README.md",
    "client/README.zh-CN.md",
    "examples/README.md",
    "examples/README.zh-CN.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    ...inDocs.filter((file) => file.endsWith(".md")).map((file) => join("docs", file)),
  ];
}

/** Pages of `docs/` that stand in one language or in both at once: for those who change the code, and the CI examples. */
const IN_ONE_FILE = /^docs\/(decisions\/|ci\/|glossary\.md$)/;

/** The pages of integrators and operators, in English; each has a `.zh-CN.md` beside it. */
export const pages: readonly string[] = documents().filter(
  (file) =>
    !file.endsWith(".zh-CN.md") &&
    (file.endsWith("README.md") || file.startsWith("docs/")) &&
    !IN_ONE_FILE.test(file),
);

/** The Chinese page of an English one. */
export const chineseOf = (page: string): string => page.replace(/\.md$/, ".zh-CN.md");
