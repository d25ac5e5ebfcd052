/** The dependency rules, held against planted imports: one file for each pair of modules, checked in one run. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { root } from "../docs/markdown.ts";

const foldersOf = (parent: string) =>
  readdirSync(join(root, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${parent}/${name}`);

/** The modules as the design lists them; `tools/build` and so on from the tree itself, so that a new one is met too. */
const modules = ["client", "functions", "local", "simulator", ...foldersOf("shared"), ...foldersOf("tools")];

const bottom = ["providers", "crypto", "config", "contract", "runtime"];
const middle = ["channels", "store"];
const top = ["http", "verification", "archive", "webhooks", "console"];
const layerOf = (module: string) =>
  [bottom, middle, top, ["app"]].findIndex((names) => names.some((name) => module === `shared/${name}`));

/** What the design forbids (docs/architecture.md), written down apart from the rules. */
function isForbidden(from: string, to: string): boolean {
  if (from === "shared/providers" || from === "shared/contract") return true;
  if (from === "simulator" || from === "client" || to === "client") return true;
  if (from === "tools/mutate") return !["tools/cli", "tools/language"].includes(to);
  if (from === "tools/examples")
    return !["tools/build", "tools/cli", "tools/doctor", "tools/language"].includes(to);
  if (to === "simulator") return from !== "tools/cli";
  if (["tools/cli", "tools/examples", "tools/mutate"].includes(to)) return true;
  const isShared = (module: string) => module.startsWith("shared/");
  if (isShared(from)) return !isShared(to) || layerOf(to) > layerOf(from);
  return from === "functions" && !isShared(to);
}

const pairs = modules.flatMap((from) => modules.filter((to) => to !== from).map((to) => ({ from, to })));
const report = z.object({
  summary: z.object({ violations: z.array(z.object({ from: z.string(), to: z.string() })) }),
});

let violations: readonly string[] = [];
beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), "zhenren-rules-"));
  try {
    const fileOf = (name: string, text: string) => {
      mkdirSync(join(folder, dirname(name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    };
    cpSync(join(root, ".dependency-cruiser.cjs"), join(folder, ".dependency-cruiser.cjs"));
    fileOf("tsconfig.json", "{}");
    for (const module of modules) fileOf(`${module}/a/target.ts`, "export const target = 1;\n");
    for (const { from, to } of pairs) {
      const path = relative(join(from, "a"), join(to, "a/target.ts"));
      fileOf(`${from}/a/to-${to.replace("/", "-")}.ts`, `import "${path}";\n`);
    }
    fileOf("functions/b/neighbour.ts", 'import "../a/target.ts";\n');
    fileOf("shared/channels/b/neighbour.ts", 'import "../a/target.ts";\n');
    fileOf("shared/providers/wechat/http.ts", "export const target = 1;\n");
    fileOf("shared/providers/wechat/index.ts", 'export { target } from "./http.ts";\n');
    fileOf("shared/channels/b/inside.ts", 'import "../../providers/wechat/http.ts";\n');
    fileOf("shared/channels/b/index-of.ts", 'import "../../providers/wechat/index.ts";\n');
    fileOf("shared/runtime/a/one.ts", 'import "./two.ts";\n');
    fileOf("shared/runtime/a/two.ts", 'import "./one.ts";\n');
    const program = join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
    const args = [program, "--config", ".dependency-cruiser.cjs", "--output-type", "json"];
    const folders = ["functions", "shared", "tools", "simulator", "local", "client"];
    const options = { cwd: folder, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 } as const;
    const { summary } = report.parse(
      JSON.parse(execFileSync(process.execPath, [...args, ...folders], options)),
    );
    violations = summary.violations.map(({ from, to }) => `${from} ${to}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

describe("the check of dependencies fails for a planted import", () => {
  test.each(pairs.filter(({ from, to }) => isForbidden(from, to)))("of $to in $from", ({ from, to }) => {
    expect(violations).toContain(`${from}/a/to-${to.replace("/", "-")}.ts ${to}/a/target.ts`);
  });

  test("of one function in another, of one channel in another, and in a circle", () => {
    expect(violations).toContain("functions/b/neighbour.ts functions/a/target.ts");
    expect(violations).toContain("shared/channels/b/neighbour.ts shared/channels/a/target.ts");
    expect(violations.some((each) => /a\/(one|two)\.ts shared\/runtime\/a\/(one|two)\.ts/.test(each))).toBe(
      true,
    );
  });

  test("of a file inside a provider, other than its index", () => {
    expect(violations).toContain("shared/channels/b/inside.ts shared/providers/wechat/http.ts");
    expect(violations.filter((each) => each.startsWith("shared/channels/b/index-of.ts"))).toEqual([]);
  });
});

test("a module that no rule knows would be free to import anything, so there is none", () => {
  const free = modules.filter(
    (from) => from !== "tools/cli" && !violations.some((each) => each.startsWith(`${from}/a/`)),
  );
  expect(free).toEqual([]);
});
