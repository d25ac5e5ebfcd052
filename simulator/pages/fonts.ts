import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Answer, type Incoming, type Route, refused } from "../exchange.ts";

const PREFIX = "/_sim/fonts/";
/** A style sheet of one weight, or a font file below `files/`; nothing else is served, so no path can lead elsewhere. */
const SERVED = /^(?:([1-9]00)\.css|files\/(noto-sans-sc-[a-z0-9-]+\.woff2))$/;
const FOLDER = dirname(createRequire(import.meta.url).resolve("@fontsource/noto-sans-sc/package.json"));

/** The Chinese font of the simulated pages, from the installed package. */
export const fontRoutes: readonly Route[] = [{ method: "GET", path: `${PREFIX}*`, handle: serveFont }];

function serveFont({ path }: Incoming): Answer {
  const [, weight, file] = SERVED.exec(path.slice(PREFIX.length)) ?? [];
  if (weight === undefined && file === undefined) return refused(404, "There is no such font file.");
  try {
    const body = readFileSync(
      file === undefined ? join(FOLDER, `${weight}.css`) : join(FOLDER, "files", file),
    );
    const type = file === undefined ? "text/css; charset=utf-8" : "font/woff2";
    return { status: 200, headers: { "content-type": type, "cache-control": "max-age=86400" }, body };
  } catch {
    return refused(404, "There is no such font file.");
  }
}
