/**
 * Builds the package `zhenren-client` into a folder that `npm publish` takes as it is: CommonJS, ESM and types of each entry,
 * and `miniprogram_dist/` for WeChat's developer tools, which copy that folder and read no `exports`.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build as bundle } from "esbuild";
import ts from "typescript";

const root = join(import.meta.dirname, "../..");
const source = join(root, "client/src");

/** What can be imported; `index` is the package itself. */
export const CLIENT_ENTRIES = ["index", "web", "service-account", "taro", "uni", "simulator"] as const;

/** What the developer tools need. */
const IN_MINI_PROGRAMS = ["index", "simulator"];

/** Without `?.` and `??`, which webpack 4 and phones before iOS 13.4 do not read. */
const TARGET = "es2018";

/** Builds into `outDir`. Returns the gzipped bytes of each entry. */
export async function buildClient(
  outDir = join(root, "dist/client"),
  { withTypes = true } = {},
): Promise<Record<string, number>> {
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  const bundled = (format: "cjs" | "esm", extension: string, folder: string, entries: readonly string[]) =>
    bundle({
      entryPoints: Object.fromEntries(entries.map((entry) => [entry, join(source, `${entry}.ts`)])),
      outdir: folder,
      outExtension: { ".js": extension },
      bundle: true,
      minify: true,
      platform: "neutral",
      target: TARGET,
      format,
      charset: "utf8",
      tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
      legalComments: "none",
    });
  const forMiniPrograms = join(outDir, "miniprogram_dist");
  await bundled("cjs", ".js", outDir, CLIENT_ENTRIES);
  await bundled("esm", ".mjs", outDir, CLIENT_ENTRIES);
  await bundled("cjs", ".js", forMiniPrograms, IN_MINI_PROGRAMS);
  if (withTypes) {
    emitTypes(join(outDir, "types"), CLIENT_ENTRIES);
    emitTypes(join(forMiniPrograms, "types"), IN_MINI_PROGRAMS);
  }
  for (const entry of CLIENT_ENTRIES) {
    for (const extension of [".d.ts", ".d.mts"])
      writeFileSync(join(outDir, entry + extension), `export * from "./types/${entry}.js";\n`);
  }
  for (const entry of IN_MINI_PROGRAMS)
    writeFileSync(join(forMiniPrograms, `${entry}.d.ts`), `export * from "./types/${entry}";\n`);
  const { private: _, ...manifest } = JSON.parse(readFileSync(join(root, "client/package.json"), "utf8"));
  writeFileSync(join(outDir, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
  for (const file of ["README.md", "README.zh-CN.md"]) cpSync(join(root, "client", file), join(outDir, file));
  cpSync(join(root, "LICENSE"), join(outDir, "LICENSE"));
  return Object.fromEntries(
    CLIENT_ENTRIES.map((entry) => [entry, gzipSync(readFileSync(join(outDir, `${entry}.js`))).length]),
  );
}

/** Puts the package where the developer tools put it when they build npm, so that the example opens as it is. */
export function installInExample(built = join(root, "dist/client")): void {
  const target = join(root, "examples/mini-program/miniprogram_npm/zhenren-client");
  rmSync(target, { recursive: true, force: true });
  cpSync(join(built, "miniprogram_dist"), target, { recursive: true });
}

/** Writes the declarations of the entries and of what they import. */
function emitTypes(outDir: string, entries: readonly string[]): void {
  const program = ts.createProgram(
    entries.map((entry) => join(source, `${entry}.ts`)),
    {
      declaration: true,
      emitDeclarationOnly: true,
      outDir,
      rootDir: source,
      strict: true,
      exactOptionalPropertyTypes: true,
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      allowImportingTsExtensions: true,
      types: ["node"],
    },
  );
  program.emit(undefined, (file, text) => {
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, text.replaceAll(/(from "\.[^"]*)\.ts"/g, '$1.js"'));
  });
}
