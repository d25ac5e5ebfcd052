/** Checks the types of an example, Vue components included, of which the script is read. */
import { readFileSync } from "node:fs";
import ts from "typescript";

const SCRIPT = /<script setup lang="ts">([\s\S]*?)<\/script>/;

/** The mistakes in some sources. `options` says where types are. */
export function typeProblems(sources: readonly string[], options: ts.CompilerOptions): string[] {
  const all: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2020,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    jsx: ts.JsxEmit.ReactJSX,
    ...options,
  };
  const host = ts.createCompilerHost(all);
  const { fileExists, readFile } = host;
  const vueOf = (file: string) => (file.endsWith(".vue.ts") ? file.slice(0, -".ts".length) : undefined);
  host.fileExists = (file) => fileExists(vueOf(file) ?? file);
  host.readFile = (file) => {
    const vue = vueOf(file);
    return vue ? SCRIPT.exec(readFileSync(vue, "utf8"))?.[1] : readFile(file);
  };
  const roots = sources.map((file) => file.replace(/\.vue$/, ".vue.ts"));
  return ts
    .getPreEmitDiagnostics(ts.createProgram(roots, all, host))
    .map(
      ({ file, messageText }) =>
        `${file?.fileName ?? "options"}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`,
    );
}
