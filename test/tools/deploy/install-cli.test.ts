/** The pinned CLI is installed once, with a package from this machine in its place. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../../docs/markdown.ts";

const folder = mkdtempSync(join(tmpdir(), "zhenren-install-"));
const tool = mkdtempSync(join(tmpdir(), "zhenren-tool-"));
afterAll(() => {
  for (const each of [folder, tool]) rmSync(each, { recursive: true });
});

const writeJson = (file: string, content: object) => writeFileSync(file, JSON.stringify(content));
const npm = (...args: string[]) => spawnSync("npm", args, { cwd: folder, encoding: "utf8" });
/** Packs the tool under this version and locks it, as a maintainer who updates the pinned CLI does. */
function pin(version: string): void {
  writeJson(join(tool, "package.json"), { name: "pinned-tool", version });
  npm("pack", tool);
  const dependencies = { "pinned-tool": `file:pinned-tool-${version}.tgz` };
  writeJson(join(folder, "package.json"), { name: "pinned", version: "1.0.0", dependencies });
  npm("install", "--package-lock-only", "--offline");
}
const install = () => {
  const script = join(root, "tools/deploy/sls/install-cli.cjs");
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, folder], { encoding: "utf8" });
  return { status, output: stdout + stderr };
};
const installedVersion = () =>
  JSON.parse(readFileSync(join(folder, "node_modules/pinned-tool/package.json"), "utf8")).version;

beforeAll(() => pin("1.0.0"), 120_000);

test("the first run installs it and says so; the second does nothing", { timeout: 120_000 }, () => {
  const first = install();
  expect(first.output).toMatch(/^Installing the pinned deploy CLI, once/);
  expect(first.status).toBe(0);
  expect(installedVersion()).toBe("1.0.0");
  expect(install()).toEqual({ status: 0, output: "" });
});

test("a new version in the lockfile is installed", { timeout: 120_000 }, () => {
  pin("1.1.0");
  expect(install().output).toMatch(/^Installing/);
  expect(installedVersion()).toBe("1.1.0");
});

test("an installation that broke off is repeated", { timeout: 120_000 }, () => {
  rmSync(join(folder, "node_modules/.package-lock.json"));
  expect(install().output).toMatch(/^Installing/);
  expect(install().output).toBe("");
});

test("an installation that fails says so", { timeout: 120_000 }, () => {
  rmSync(join(folder, "node_modules"), { recursive: true });
  writeJson(join(folder, "package.json"), { name: "pinned", dependencies: { "not-locked": "1.0.0" } });
  const { status, output } = install();
  expect(output).toContain("The pinned deploy CLI could not be installed; check the network");
  expect(status).toBe(1);
});
