/** What package.json promises: an old Node is refused in one sentence, and install scripts are decided upon. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { root } from "../docs/markdown.ts";

const guard = join(root, "tools/require-node.cjs");
const json = (file: string): unknown => JSON.parse(readFileSync(join(root, file), "utf8"));
const { scripts, engines, allowScripts } = z
  .object({
    scripts: z.record(z.string(), z.string()),
    engines: z.object({ node: z.string() }),
    allowScripts: z.record(z.string(), z.boolean()),
  })
  .parse(json("package.json"));

/** Runs the guard in a process that claims to be this version. */
const runAs = (version: string) => {
  const pretend = `Object.defineProperty(process, "versions", { value: { node: "${version}" } })`;
  const { status, stderr, stdout } = spawnSync(process.execPath, [
    "-e",
    `${pretend}; require(${JSON.stringify(guard)});`,
  ]);
  return { status, output: `${stdout}${stderr}` };
};

test("package.json states the version that the guard asks for", () => expect(engines.node).toBe(">=20.12"));

test.each(["8.17.0", "18.20.8", "20.9.0", "20.11.1"])("%s is too old", (version) => {
  const sentence = `Zhenren needs Node 20.12 or later; this is Node ${version}.\n`;
  expect(runAs(version)).toEqual({ status: 1, output: sentence });
});

test.each(["20.12.0", "20.20.2", "22.0.0", "24.4.1"])("%s is new enough", (version) => {
  expect(runAs(version)).toEqual({ status: 0, output: "" });
});

describe("every npm script", () => {
  test.each(Object.keys(scripts))("%s begins with the guard", (name) => {
    expect(scripts[name]).toMatch(/^node tools\/require-node\.cjs && /);
  });
});

test("the guard is written in the language of old versions", () => {
  const text = readFileSync(guard, "utf8");
  const { outputText } = ts.transpileModule(text, { compilerOptions: { target: ts.ScriptTarget.ES2015 } });
  const plain = (code: string) => code.replaceAll(/\s+/g, "");
  expect(plain(outputText), "nothing has to be rewritten for ES2015").toBe(plain(text));
  expect(text, "the prefix that Node 12 does not know").not.toMatch(/require\("node:/);
});

test("allowScripts decides on every package that has an install script, and on no other", () => {
  const { packages } = z
    .object({ packages: z.record(z.string(), z.object({ hasInstallScript: z.boolean().optional() })) })
    .parse(json("package-lock.json"));
  const names = Object.entries(packages).flatMap(([path, { hasInstallScript }]) =>
    path && hasInstallScript ? path.replace(/^.*node_modules\//, "") : [],
  );
  expect(Object.keys(allowScripts).toSorted()).toEqual([...new Set(names)].toSorted());
});
