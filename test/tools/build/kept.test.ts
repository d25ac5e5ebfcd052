import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { contentKey, keptOrMade } from "../../../tools/build/kept.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "zhenren-kept-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "node_modules"));
  mkdirSync(join(root, "src/deep"), { recursive: true });
  writeFileSync(join(root, "node_modules/.package-lock.json"), "{}");
  writeFileSync(join(root, "src/deep/a.ts"), "a");
  writeFileSync(join(root, "one.yml"), "one");
});

const key = () => contentKey(root, ["src", "one.yml"]);

/** Asks for the thing of the present key and returns what is there then. */
async function ask(make: () => string, of = key()): Promise<string> {
  const target = join(root, "target");
  await keptOrMade({ root, kind: "things", key: of, target }, async () => {
    mkdirSync(target);
    writeFileSync(join(target, "thing"), make());
  });
  return readFileSync(join(target, "thing"), "utf8");
}

test("is made once for the same content, and what was left at the target is gone", async () => {
  const make = vi.fn(() => "made");
  expect(await ask(make)).toBe("made");
  writeFileSync(join(root, "target/rest"), "of before");
  expect(await ask(make)).toBe("made");
  expect(readdirSync(join(root, "target"))).toEqual(["thing"]);
  expect(make).toHaveBeenCalledTimes(1);
});

test.each<[string, () => void]>([
  ["a file", () => writeFileSync(join(root, "one.yml"), "two")],
  ["a file deep in a folder", () => writeFileSync(join(root, "src/deep/a.ts"), "b")],
  ["a file's name", () => renameSync(join(root, "src/deep/a.ts"), join(root, "src/deep/b.ts"))],
  ["a new file", () => writeFileSync(join(root, "src/b.ts"), "")],
  ["what is installed", () => writeFileSync(join(root, "node_modules/.package-lock.json"), "[]")],
])("is made again after a change of %s", async (_, change) => {
  await ask(() => "old");
  change();
  expect(await ask(() => "new")).toBe("new");
});

test("a failed attempt is not kept", async () => {
  await expect(
    ask(() => {
      throw new Error("does not compile");
    }),
  ).rejects.toThrow("does not compile");
  expect(await ask(() => "made")).toBe("made");
});

test("is made where nothing can be kept, and by many at once", async () => {
  const results = await Promise.all(
    [1, 2, 3].map(async (n) => {
      const target = join(root, `target${n}`);
      await keptOrMade({ root, kind: "things", key: "same", target }, async () => mkdirSync(target));
      return readdirSync(target);
    }),
  );
  expect(results).toEqual([[], [], []]);
  rmSync(join(root, "node_modules/.cache"), { recursive: true });
  writeFileSync(join(root, "node_modules/.cache"), "a file in the way");
  expect(await ask(() => "made")).toBe("made");
});

test("only the newest are kept, and none that is unfinished", async () => {
  for (let n = 0; n < 12; n += 1) await ask(() => "made", `key${n}`);
  const kept = readdirSync(join(root, "node_modules/.cache/zhenren/things"));
  expect(kept).toHaveLength(8);
  expect(kept).toContain("key11");
  expect(kept.filter((name) => name.startsWith("."))).toEqual([]);
});
