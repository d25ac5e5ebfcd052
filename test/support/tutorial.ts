/** Tutorials of CONTRIBUTING, followed to the letter in a copy of the tree. */
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
import { type Code, readMarkdown, root, tableRows } from "../docs/markdown.ts";

/** What the code of tutorials and its checks read. */
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
export const TUTORIAL_TIMEOUT_MS = 300_000;

/** The copy in which tutorials were followed. */
export class FollowedTutorials {
  /** What the tutorials' tables say that one touches: files, and folders with a slash at their end. */
  readonly places: string[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), "zhenren-tutorial-"));

  /** Follows the sections of CONTRIBUTING under these headings, such as `## Add a channel`, one after the other. */
  constructor(...headings: readonly string[]) {
    for (const name of COPIED)
      cpSync(join(root, name), join(this.#folder, name), { recursive: true, filter: isSource });
    symlinkSync(join(root, "node_modules"), join(this.#folder, "node_modules"));
    for (const heading of headings) this.#followSection(heading);
  }

  #followSection(heading: string): void {
    const { headings, code, prose } = readMarkdown("CONTRIBUTING.md");
    const first = headings.indexOf(heading);
    if (first < 0) throw new Error(`CONTRIBUTING.md has no ${heading}`);
    const next = headings.findIndex((other, index) => index > first && other.startsWith("## "));
    const [last, end] =
      next < 0 ? [headings.length, prose.length] : [next, prose.indexOf(`\n${headings[next]}\n`)];
    for (const [cell = ""] of tableRows(prose.slice(prose.indexOf(`\n${heading}\n`), end))) {
      this.places.push(...[...cell.matchAll(/`([^`]+)`/g)].map(([, place = ""]) => place));
    }
    for (const step of code.filter(({ section }) => section >= first && section < last)) this.#follow(step);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #follow({ language, info, text }: Code): void {
    const file = join(this.#folder, info);
    if (language === "sh") {
      this.#run("sh", ["-ec", text]);
    } else if (language === "diff") {
      writeFileSync(file, changed(readFileSync(file, "utf8"), text, info));
    } else {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `${text}\n`);
    }
  }

  #run(command: string, args: readonly string[]): string {
    const { status, stdout, stderr } = spawnSync(command, args, {
      cwd: this.#folder,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], LOG_LEVEL: "silent", NO_COLOR: "1" },
    });
    const output = `${stdout}${stderr}`;
    if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}:\n${output}`);
    return output;
  }

  /** Files of the copy that are not, or not like this, in the project. */
  changedFiles(): string[] {
    const contentOf = (folder: string, file: string) => {
      try {
        return readFileSync(join(folder, file), "utf8");
      } catch {
        return undefined;
      }
    };
    return COPIED.flatMap((name) => {
      if (/[^.]\./.test(name) || name.startsWith(".")) return [name];
      return readdirSync(join(this.#folder, name), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(this.#folder.length + 1));
    }).filter((file) => contentOf(this.#folder, file) !== contentOf(root, file));
  }

  /** The place that a file belongs to. */
  placeOf(file: string): string | undefined {
    return this.places.find((place) => file === place || (place.endsWith("/") && file.startsWith(place)));
  }

  /** Checks the types of what has changed, and of these files too. Throws if they are wrong. */
  checkTypes(...files: readonly string[]): void {
    const project = {
      extends: join(root, "tsconfig.json"),
      compilerOptions: { noEmit: true },
      files: [...this.changedFiles().filter((file) => file.endsWith(".ts")), ...files],
      include: [],
    };
    writeFileSync(join(this.#folder, "tsconfig.json"), JSON.stringify(project));
    this.#run(process.execPath, ["node_modules/typescript7/bin/tsc", "-p", "."]);
  }

  /** Runs the tests of these files whose names match, and returns what was printed. Throws if one fails. */
  runTests(pattern: string, ...files: readonly string[]): string {
    // Without the set-up of the whole suite, which starts a database.
    const test = { include: ["test/**/*.test.ts"], testTimeout: TUTORIAL_TIMEOUT_MS };
    writeFileSync(join(this.#folder, "vitest.config.mjs"), `export default ${JSON.stringify({ test })};\n`);
    const options = ["run", "--reporter=verbose", `--testNamePattern=${pattern}`];
    return this.#run(process.execPath, ["node_modules/vitest/vitest.mjs", ...options, ...files]);
  }
}

const isSource = (path: string) => !/[\\/]node_modules([\\/]|$)/.test(path);

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
