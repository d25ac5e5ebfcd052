/**
 * The examples of Taro and uni-app, without their tools: against the client's types, with stand-ins for the frameworks'. `npm run examples` builds
 * them for real.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { apps } from "../../tools/examples/apps.ts";
import { typeProblems } from "../../tools/examples/type-check.ts";
import { readMarkdown, root } from "../docs/markdown.ts";

const folder = mkdtempSync(join(tmpdir(), "zhenren-frameworks-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the examples use of the frameworks, and the client of its surroundings. */
const FRAMEWORKS = `
  type Wx = Parameters<typeof import("zhenren-client/taro").createClient>[0]["taro"];
  declare const uni: Wx;
  declare function setTimeout(callback: (value?: any) => void, milliseconds: number): number;
  declare function setInterval(callback: () => void, milliseconds: number): number;
  declare function clearInterval(id: number): void;
  declare namespace JSX {
    interface IntrinsicElements { [name: string]: object }
    interface ElementChildrenAttribute { children: unknown }
  }
  declare module "@tarojs/taro" {
    const Taro: Wx;
    export default Taro;
    export function useLoad(callback: () => unknown): void;
  }
  declare module "@tarojs/components" {
    export interface FormProps { onSubmit?(event: { detail: { value?: Record<string, any> } }): unknown }
    export const Form: (props: FormProps & { children: unknown }) => null;
    export const Input: (props: { name: string; placeholder: string; value: string }) => null;
    export const Button: (props: { formType: "submit"; type: "primary"; children: unknown }) => null;
    export const Text: (props: { children: unknown }) => null;
  }
  declare module "@dcloudio/uni-app" { export function onLoad(callback: () => unknown): void }
  declare module "vue" { export function ref<T>(value: T): { value: T } }
  declare module "react" { export function useState<T>(value: T): [T, (value: T) => void] }
`;

/** A page that asks for something that the client does not have. */
const WRONG = `<script setup lang="ts">
import { createClient } from "zhenren-client/uni";
createClient({ uni, api: "https://a.example" }).verify({ channel: "sms" });
</script>`;

test("their calls fit the client's types, and one that does not is found, in a Vue component too", () => {
  const [stubs, wrong] = [join(folder, "frameworks.d.ts"), join(folder, "wrong.vue")];
  writeFileSync(stubs, FRAMEWORKS);
  writeFileSync(wrong, WRONG);
  const sources = apps.flatMap((app) => app.sources.map((file) => join(app.folder, file)));
  const problems = typeProblems([...sources, stubs, wrong], {
    types: [],
    jsx: ts.JsxEmit.Preserve,
    lib: ["lib.es2020.d.ts"],
    allowImportingTsExtensions: true,
    paths: { "zhenren-client/*": [join(root, "client/src/*.ts")] },
  });
  expect(problems).toEqual([expect.stringMatching(/wrong\.vue\.ts: Type '"sms"' is not assignable to type/)]);
});

const json = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));
const names = z.record(z.string(), z.string()).default({});
const manifest = z.object({ dependencies: names, devDependencies: names });
const lock = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({ version: z.string().optional(), resolved: z.string().optional() }),
  ),
});

describe.each(apps)("the example of $name", (app) => {
  const { dependencies, devDependencies } = manifest.parse(json(join(app.folder, "package.json")));
  const { packages } = lock.parse(json(join(app.folder, "package-lock.json")));

  test("names each package by one version, which its lock file has, and the client of this repository", () => {
    const { "zhenren-client": client, ...others } = { ...dependencies, ...devDependencies };
    expect(client).toBe("file:../../dist/client");
    for (const [name, version] of Object.entries(others)) {
      expect(version, name).toMatch(/^\d+\.\d+\.\d+(-\d+)?$/);
      expect(packages[`node_modules/${name}`]?.version, name).toBe(version);
    }
    const { version } = z.object({ version: z.string() }).parse(json(join(root, "client/package.json")));
    expect(packages["node_modules/zhenren-client"]).toMatchObject({ version, resolved: client });
  });

  test("runs nothing when it is installed, and gets the client as a package instead of a link", () => {
    const lines = readFileSync(join(app.folder, ".npmrc"), "utf8").trim().split("\n");
    expect(lines).toEqual(expect.arrayContaining(["ignore-scripts=true", "install-links=true"]));
  });

  test.each(["examples/README.md", "examples/README.zh-CN.md"])("has its versions in %s", (page) => {
    const { prose } = readMarkdown(page);
    const framework = app.name === "taro" ? "@tarojs/cli" : "@dcloudio/vite-plugin-uni";
    expect(prose).toContain(`\`${framework}\` ${devDependencies[framework]}`);
  });
});
