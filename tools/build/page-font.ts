/**
 * The font of a page: Noto Sans SC cut down to the characters that the page can show, small enough to travel inside the
 * page. The pages may load nothing from elsewhere, and not every webview has a Chinese font.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contentKey, keptOrMade } from "./kept.ts";

/** The sources whose texts reach the landing page: its own, our reasons, and the code tables of the channels. */
const textFolders = ["functions/h5-landing", "shared/verification", "shared/channels"];

const FONT = "fonts/noto-sans-sc.woff2";

/** The landing page's font as base64 of WOFF2. `root` is the project's folder. */
export const pageFont = (root: string): Promise<string> => subsetOf(root, textFolders);

/** The font with the Chinese characters of the sources in some folders, as base64 of WOFF2. */
export async function subsetOf(root: string, folders: readonly string[]): Promise<string> {
  const texts = folders
    .map((folder) => join(root, folder))
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => join(folder, file)),
    )
    .filter((file) => /\.(ts|js|html)$/.test(file))
    .map((file) => readFileSync(file, "utf8"))
    .join("");
  const characters = [...new Set(texts)].filter((character) => /[\u2e80-\uffef]/.test(character)).sort();
  const folder = mkdtempSync(join(tmpdir(), "zhenren-font-"));
  const file = join(folder, "subset/font.woff2");
  const key = contentKey(root, [FONT], characters.join(""));
  try {
    await keptOrMade({ root, kind: "page-font", key, target: join(folder, "subset") }, async () => {
      const { default: subsetFont } = await import("subset-font"); // a second to load
      const subset = await subsetFont(readFileSync(join(root, FONT)), characters.join(""), {
        targetFormat: "woff2",
      });
      mkdirSync(join(folder, "subset"));
      writeFileSync(file, subset);
    });
    return readFileSync(file, "base64");
  } finally {
    rmSync(folder, { recursive: true });
  }
}
