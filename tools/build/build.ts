/**
 * Bundles each function that `serverless.yml` lists into `dist/<function>/index.js`: one CommonJS file, ready for SCF.
 * `npx zhenren build`, deployments, the local stack and the tests all use it.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build as bundle, type Plugin } from "esbuild";
import { consolePage } from "./console-page.ts";
import { contentKey, keptOrMade } from "./kept.ts";
import { pageFont } from "./page-font.ts";
import { readBundle } from "./serverless-yml.ts";

/** Where the root of the project is. */
const root = join(import.meta.dirname, "../..");

/** What libraries import and the functions never run: in which folder, under which names, and the stub in its place. */
const replacements = [
  { folder: "pg/lib", imports: ["./stream"], stub: "pg-stream.ts" },
  { folder: "pg/lib", imports: ["./crypto/utils"], stub: "pg-crypto.ts" },
  { folder: "pg/lib/crypto", imports: ["./utils"], stub: "pg-crypto.ts" },
  { folder: "uuid/dist-node", imports: ["./rng.js"], stub: "uuid-rng.ts" },
  { folder: "@middy/core", imports: ["node:stream/web"], stub: "web-streams.ts" },
  {
    folder: "tencentcloud-sdk-nodejs/tencentcloud",
    imports: ["../../../common/abstract_client"],
    stub: "tencent-cloud-client.ts",
  },
];

/** Replaces code that libraries load and the functions never run (docs/decisions/0016). */
const stubbed: Plugin = {
  name: "stubs",
  setup({ onResolve }) {
    onResolve({ filter: /./ }, ({ path, resolveDir }) => {
      const found = replacements.find(
        ({ folder, imports }) => imports.includes(path) && resolveDir.includes(join("node_modules", folder)),
      );
      return found && { path: join(import.meta.dirname, "stubs", found.stub) };
    });
  },
};

/** All that bundles are made of. */
const sources = ["functions", "shared", "pages", "fonts", "tools/build", "serverless.yml", "tsconfig.json"];

/** Fills `outDir` as `build` does, from what an earlier call has built of the same sources. Not for what is deployed. */
export async function buildUnlessKept(outDir: string): Promise<void> {
  const key = contentKey(root, sources);
  await keptOrMade({ root, kind: "bundles", key, target: outDir }, () => build(outDir));
}

/** Builds every function into `outDir`. Returns the bytes of each bundle by function. */
export async function build(outDir = join(root, "dist")): Promise<Record<string, number>> {
  const names = Object.keys(readBundle().functions);
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  // The project is ESM; what SCF loads is CommonJS, and locally Node looks for the nearest package.json to know.
  writeFileSync(join(outDir, "package.json"), '{"type":"commonjs"}\n');
  const result = await bundle({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(names.map((name) => [`${name}/index`, `functions/${name}/index.ts`])),
    outdir: outDir,
    bundle: true,
    minify: true,
    keepNames: true, // error names reach logs
    platform: "node",
    target: "node20",
    format: "cjs",
    mainFields: ["module", "main"], // ESM first: only then does esbuild drop what is not used
    supported: { "dynamic-import": false }, // a later `require`: `import()` would start Node's ESM loader
    charset: "utf8", // a Chinese character in three bytes instead of six
    plugins: [stubbed],
    external: ["pg-native"], // optional native binding that `pg` asks for and does without
    define: {
      PAGE_FONT: JSON.stringify(await pageFont(root)),
      CONSOLE_PAGE: JSON.stringify(await consolePage(root)),
    },
    legalComments: "none",
    metafile: true,
  });
  return Object.fromEntries(
    Object.entries(result.metafile.outputs).map(([file, output]) => [
      file.split("/").at(-2) ?? file,
      output.bytes,
    ]),
  );
}
