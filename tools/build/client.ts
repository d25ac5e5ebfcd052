/**
 * Builds the package `zhenren-client` into a folder that `npm publish` takes as it is: CommonJS, ESM and types of each entry,
 * and `miniprogram_dist/` for WeChat's developer tools, which copy that folder and read no `exports`.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import ts from "typescript";
import { CLIENT_ENTRIES, CLIENT_SOURCE, clientBundle } from "./client-bundle.ts";

const root = join(import.meta.dirname, "../..");
/** What the developer tools need. */
const IN_MINI_PROGRAMS = ["index", "simulator"];

/** Builds into `outDir`. Returns the gzipped bytes of each entry. */
export async function buildClient(outDir = join(root, "dist/client")): Promise<Record<string, number>> {
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  const bundled = (format: "cjs" | "esm", extension: string, folder: string, entries: readonly string[]) =>
    build({
      ...clientBundle(format, entries),
      outdir: folder,
      outExtension: { ".js": extension },
    });
  const forMiniPrograms = join(outDir, "miniprogram_dist");
  await bundled("cjs", ".js", outDir, CLIENT_ENTRIES);
  await bundled("esm", ".mjs", outDir, CLIENT_ENTRIES);
  await bundled("cjs", ".js", forMiniPrograms, IN_MINI_PROGRAMS);
  emitTypes(join(outDir, "types"));
  emitTypes(join(forMiniPrograms, "types"));
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

/** Writes the declarations of all modules. Each exported type is written out in the source, so no other file has to be read. */
function emitTypes(outDir: string): void {
  const compilerOptions = { strict: true, isolatedDeclarations: true, target: ts.ScriptTarget.ES2023 };
  for (const file of readdirSync(CLIENT_SOURCE, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts")) continue;
    const text = readFileSync(join(CLIENT_SOURCE, file), "utf8");
    const options = { fileName: file, compilerOptions, reportDiagnostics: true };
    const { outputText, diagnostics = [] } = ts.transpileDeclaration(text, options);
    const [problem] = diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "));
    if (problem !== undefined) throw new Error(`${file}: ${problem}`);
    const target = join(outDir, file.replace(/\.ts$/, ".d.ts"));
    mkdirSync(join(target, ".."), { recursive: true });
    writeFileSync(target, outputText.replaceAll(/(from "\.[^"]*)\.ts"/g, '$1.js"'));
  }
}
