/** Bundles of `zhenren-client`: for the package, and for the simulated phone of the local stack. */
import { join } from "node:path";
import { type BuildOptions, build } from "esbuild";

/** The client's sources. */
export const CLIENT_SOURCE: string = join(import.meta.dirname, "../../client/src");

/** What can be imported; `index` is the package itself. */
export const CLIENT_ENTRIES = ["index", "web", "service-account", "taro", "uni", "simulator"] as const;

/** Without `?.` and `??`, which webpack 4 and phones before iOS 13.4 do not read. */
const TARGET = "es2018";

/** How entries are bundled. */
export const clientBundle = (format: "cjs" | "esm", entries: readonly string[]) =>
  ({
    entryPoints: Object.fromEntries(entries.map((entry) => [entry, join(CLIENT_SOURCE, `${entry}.ts`)])),
    bundle: true,
    minify: true,
    platform: "neutral",
    target: TARGET,
    format,
    charset: "utf8",
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
    legalComments: "none",
  }) satisfies BuildOptions;

/** The ES module of one entry, as it is published. */
export async function clientModule(entry: (typeof CLIENT_ENTRIES)[number]): Promise<string> {
  const { outputFiles } = await build({ ...clientBundle("esm", [entry]), outdir: ".", write: false });
  return outputFiles.map(({ text }) => text).join("");
}
