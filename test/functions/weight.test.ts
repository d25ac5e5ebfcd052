/** What the bundles carry: a function without a database must not load one. */
import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";

/** The packages in a function's bundle. */
async function packagesIn(name: string): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: join(import.meta.dirname, "../.."),
    entryPoints: [`functions/${name}/index.ts`],
    bundle: true,
    write: false,
    platform: "node",
    format: "cjs",
    mainFields: ["module", "main"],
    external: ["pg-native"],
    define: { PAGE_FONT: '""' },
    outfile: "index.js",
    metafile: true,
  });
  const files = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
  return [
    ...new Set(files.flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [])),
  ].toSorted();
}

const DATABASE = /^(pg|pg-.*|drizzle-orm|postgres-.*)$/;

test("login carries no database, no client of Tencent Cloud's, no check of an issuer and no cryptography of eID's", async () => {
  const packages = await packagesIn("login");
  expect(packages).toContain("zod");
  expect(packages).not.toContain("jose");
  expect(packages.filter((name) => DATABASE.test(name))).toEqual([]);
  expect(packages.filter((name) => /^(tencentcloud-sdk-nodejs|sm-crypto-v2|@noble\/.*)$/.test(name))).toEqual(
    [],
  );
});

test("a function with a database is seen to carry it", async () => {
  const carriedBy = async (name: string) => (await packagesIn(name)).filter((each) => DATABASE.test(each));
  expect(await carriedBy("verification")).toEqual(expect.arrayContaining(["pg", "pg-protocol"]));
  // Who waits for an answer does not wait for drizzle to load; timers use it.
  expect(await carriedBy("verification")).not.toContain("drizzle-orm");
  expect(await carriedBy("maintain")).toEqual(expect.arrayContaining(["drizzle-orm", "pg"]));
});
