/** The files of the demo page and its Chinese font. */
import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";

const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

const demo = join(import.meta.dirname, "..", "demo");
const fonts = dirname(createRequire(import.meta.url).resolve("@fontsource/noto-sans-sc/400.css"));

/** Finds the file that a path stands for. A name is one segment of plain characters: there is no way up or aside. */
function fileOf(path: string): string | undefined {
  if (path === "/") return join(demo, "index.html");
  const [, folder, name = ""] =
    /^\/_local\/(demo|fonts|fonts\/files)\/([a-z0-9][a-z0-9.-]*)$/.exec(path) ?? [];
  if (!(extname(name) in contentTypes)) return undefined;
  if (folder === "demo") return join(demo, name);
  if (folder === "fonts") return join(fonts, name);
  return folder === undefined ? undefined : join(fonts, "files", name);
}

/** Answers with the file; returns false when the path stands for none. */
export async function staticFile(path: string, response: ServerResponse): Promise<boolean> {
  const file = fileOf(path);
  const content = file && (await readFile(file).catch(() => undefined));
  if (!file || !content) return false;
  const lasting = extname(file) === ".woff2"; // fonts change with a new version only
  response
    .writeHead(200, {
      "content-type": contentTypes[extname(file)],
      "cache-control": lasting ? "public, max-age=86400" : "no-cache",
      "x-content-type-options": "nosniff",
    })
    .end(content);
  return true;
}
