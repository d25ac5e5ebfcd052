/** Makes plain JavaScript of a file of this folder that runs as a process, so that it starts without a loader. */
import { join } from "node:path";
import { build } from "esbuild";

/** Bundles `source` (a path below `local/`) into `folder` as `name` (`….cjs`). Returns its path. */
export async function buildProcessFile(folder: string, source: string, name: string): Promise<string> {
  const outfile = join(folder, name);
  await build({
    entryPoints: [join(import.meta.dirname, source)],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    logLevel: "error",
  });
  return outfile;
}
