import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "./clock.ts";
import { errorReply, type Incoming, type Reply, type Route } from "./exchange.ts";

/** Escapes text for HTML, also inside a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `
:root { color-scheme: light; --ink: #1c2330; --soft: #667085; --line: #e4e7ec; --go: #0b6e4f; --stop: #b42318; }
* { box-sizing: border-box; }
body { margin: 0; background: #f2f4f7; color: var(--ink); font: 16px/1.6 "Noto Sans SC", sans-serif; }
main { max-width: 480px; min-height: 100vh; margin: 0 auto; padding: 24px 20px 40px; background: #fff; }
small { display: block; color: var(--soft); font-size: 12px; line-height: 1.45; }
h1 { margin: 4px 0; font-size: 24px; line-height: 1.35; }
.notice { margin: 18px 0; padding: 12px 14px; border: 1px solid #fedf89; border-radius: 12px; background: #fffaeb; }
.camera { display: grid; place-items: center; width: 208px; height: 208px; margin: 24px auto; border-radius: 50%;
  border: 3px solid var(--line); background: radial-gradient(circle at 50% 38%, #d0d5dd 0 24%, transparent 25%),
  radial-gradient(ellipse at 50% 104%, #d0d5dd 0 44%, transparent 45%), #f9fafb; }
form { margin: 14px 0 0; }
fieldset { margin: 0; padding: 0; border: 0; }
button, select { width: 100%; min-height: 48px; border-radius: 12px; font: inherit; }
button { border: 1px solid var(--line); background: #fff; color: var(--ink); cursor: pointer; }
button small { margin-top: -4px; color: inherit; }
button.go { border-color: var(--go); background: var(--go); color: #fff; }
button.stop { border-color: var(--stop); color: var(--stop); }
button:focus-visible, select:focus-visible { outline: 3px solid #84caff; outline-offset: 2px; }
select { margin-bottom: 8px; padding: 0 12px; text-overflow: ellipsis; border: 1px solid var(--line); background: #fff; color: var(--ink); }
hr { margin: 22px 0 8px; border: 0; border-top: 1px solid var(--line); }
`;

/**
 * A page for a phone's screen, in the Chinese font that the simulator serves. `body` is HTML, `title` is text. A moved
 * clock is shown. The page sends no Referer, because its address carries a token.
 */
export function htmlPage(title: string, body: string, clock: Clock, status = 200): Reply {
  const html = `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${FONT_PATH}noto-sans-sc.css">
<style>${STYLE}</style>
</head>
<body><main>${clockNotice(clock)}${body}</main></body>
</html>
`;
  const headers = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
  };
  return { status, headers, body: html };
}

function clockNotice(clock: Clock): string {
  if (clock.offsetMs === 0) return "";
  const now = `${new Date(clock.now()).toISOString().slice(0, 19)}Z`;
  return `<div class="notice" data-testid="clock">模拟时钟已调快，现在是 ${now}
<small>The simulated clock is ${clock.offsetMs / 1_000} s ahead: it is ${now}.</small></div>`;
}

/**
 * The address to which a page sends the browser back: `url` with `parameters` appended to its query, which is kept
 * verbatim. Undefined when `url` is not an absolute http(s) address; the real pages then end on a page of the vendor.
 */
export function returnUrl(
  url: string | undefined,
  parameters: readonly (readonly [name: string, value: string])[],
): string | undefined {
  if (url === undefined || !/^https?:\/\//i.test(url) || !URL.canParse(url)) return undefined;
  const [address = "", ...fragment] = url.split("#");
  const added = parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
  const separator = !address.includes("?") ? "?" : /[?&]$/.test(address) ? "" : "&";
  const whole = [`${address}${separator}${added}`, ...fragment].join("#");
  // A header allows no control characters and only Latin-1; the parsed form meets both.
  return new URL(whole).href;
}

const FONT_PATH = "/_sim/fonts/";
/** The style sheet and its font files; no other path is served. */
const SERVED = /^noto-sans-sc(?:-latin)?\.(css|woff2)$/;
const FONT_FOLDER = join(import.meta.dirname, "..", "fonts");

/** Serves the Chinese font of the pages. */
export const fontRoute: Route = { method: "GET", path: `${FONT_PATH}*`, handle: serveFont };

function serveFont({ path }: Incoming): Reply {
  const [name, extension] = SERVED.exec(path.slice(FONT_PATH.length)) ?? [];
  if (name === undefined) return errorReply(404, "There is no such font file.");
  const type = extension === "css" ? "text/css; charset=utf-8" : "font/woff2";
  try {
    const body = readFileSync(join(FONT_FOLDER, name));
    return { status: 200, headers: { "content-type": type, "cache-control": "max-age=86400" }, body };
  } catch {
    return errorReply(404, "There is no such font file.");
  }
}
