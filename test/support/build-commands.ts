/** The commands of `tools/cli`, bundled once per run: tests start them by the hundred, and tsx takes a second each time. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import { contentKey } from "../../tools/build/kept.ts";
import { commandNames } from "../../tools/cli/commands.ts";

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

/** The source of each command, and the one that runs them all. */
const commandFiles: readonly string[] = ["zhenren", ...commandNames].map((name) => `tools/cli/${name}.ts`);

/** Builds them and answers their folder: below the project, because they import its packages. */
export async function buildCommands(): Promise<string> {
  const key = contentKey(root, [
    "tools",
    "shared",
    "local",
    "simulator",
    "functions",
    "package.json",
    "serverless.yml",
  ]);
  const folder = join(root, "node_modules/.cache/zhenren/commands", key);
  if (existsSync(folder)) return folder;
  const making = `${folder}.${process.pid}`;
  mkdirSync(making, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: commandFiles.map((file) => join(root, file)),
    outdir: making,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    plugins: [placesOfSources],
  });
  try {
    renameSync(making, folder);
  } catch {
    rmSync(making, { recursive: true, force: true }); // another run was first
  }
  return folder;
}
