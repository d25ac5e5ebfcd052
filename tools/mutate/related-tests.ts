/** Which tests are to notice a change of which file: those that mirror its folder, and the ones listed here. */
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

/** The folders and files whose mutants tests must notice. */
export const MUTATED = [
  "shared/verification",
  "shared/channels",
  "shared/providers",
  "shared/crypto",
  "shared/store",
  "shared/archive",
  "shared/http/auth.ts",
] as const;

/** Not mutated: tests create their tables from the migrations, so names of indexes and defaults here are only read when a migration is made. */
export const NOT_MUTATED: readonly string[] = ["shared/store/schema.ts"];

/** By the beginning of a source's path: tests elsewhere that are about it. The longest beginning counts. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  "shared/channels/faceid/": ["test/channels/faceid", "test/channels/eid"],
  "shared/providers/tencent-cloud/eid": ["test/providers/eid-user-info.test.ts", "test/channels/eid"],
  "shared/providers/tencent-cloud/sm2-unwrap.ts": ["test/providers/eid-user-info.test.ts"],
  "shared/providers/tencent-cloud/": ["test/providers/tencent-cloud", "test/channels/faceid"],
  "shared/providers/wechat/": ["test/providers/wechat"],
  "shared/providers/wechat/push/": ["test/providers/wechat/push"],
  "shared/providers/": ["test/providers"],
  "shared/store/archive.ts": ["test/store", "test/archive"],
  "shared/store/outbox.ts": ["test/webhooks", "test/store", "test/verification"],
  "shared/store/": ["test/store", "test/verification"],
  "shared/http/auth.ts": ["test/http/auth.test.ts"],
};

/** Tests that start a whole stack or a bundle: too slow to be run for each mutant. */
const SLOW = /(gateway|bundles|tutorial|memory|registry)\.test\.ts$/;

/** The files at or under `path` that end in `suffix`, sorted; relative to `root`, as `path` is. */
export function filesUnder(root: string, path: string, suffix: string): string[] {
  if (path.endsWith(suffix)) return [path];
  const folder = join(root, path);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(suffix))
    .map((name) => join(path, name))
    .sort();
}

/** The test files for a source file, the one of the same name first. Paths are relative to `root`. */
export function relatedTests(root: string, source: string): string[] {
  const own = source.replace(/^shared\//, "test/").replace(/\.ts$/, ".test.ts");
  const beginning = Object.keys(ELSEWHERE)
    .filter((prefix) => source.startsWith(prefix))
    .sort((a, b) => b.length - a.length)[0];
  const folders = beginning === undefined ? [join("test", dirname(source).slice(7))] : ELSEWHERE[beginning];
  const all = [own, ...(folders ?? []).flatMap((path) => filesUnder(root, path, ".test.ts"))];
  return [...new Set(all)].filter((file) => existsSync(join(root, file)) && !SLOW.test(file));
}
