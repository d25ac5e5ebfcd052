/** The local page: the console's document with what only a laptop has, and the modules, styles and fonts of both. */
import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { extname, join } from "node:path";
import { CLIENT_ENTRIES, clientModule } from "../../tools/build/client-bundle.ts";
import { CONSOLE_STYLES, consoleDocument } from "../../tools/build/console-page.ts";
import { openApiDocument, openApiText } from "../../tools/openapi/document.ts";
import { openApiPage } from "../../tools/openapi/page.ts";

const HTML = "text/html; charset=utf-8";
const JAVASCRIPT = "text/javascript; charset=utf-8";
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".js": JAVASCRIPT,
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

const ROOT = join(import.meta.dirname, "..", "..");
/** The folders whose files are served, by their path below `/_local/`. */
const FOLDERS = ["pages/console", "pages/local", "fonts"];

/** Nothing from elsewhere; the page has no inline script or style. */
const POLICY = [
  "default-src 'none'",
  ...["style-src", "script-src", "font-src", "img-src", "connect-src"].map((kind) => `${kind} 'self'`),
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const styles = [
  "fonts/noto-sans-sc.css",
  ...CONSOLE_STYLES.map((file) => `pages/console/${file}`),
  "pages/local/local.css",
];

async function localDocument(): Promise<string> {
  const fragment = (name: string) => readFile(join(ROOT, "pages/local", name), "utf8");
  const head = [
    '<link rel="icon" href="/_local/pages/local/mark.svg" type="image/svg+xml">',
    ...styles.map((path) => `<link rel="stylesheet" href="/_local/${path}">`),
    '<script type="module" src="/_local/pages/local/main.js"></script>\n',
  ].join("\n");
  const [tools, nav, views, tail] = await Promise.all(
    ["tools.html", "nav.html", "laptop.html", "phone.html"].map(fragment),
  );
  return consoleDocument(ROOT, { head, ...(tools && nav && views && tail && { tools, nav, views, tail }) });
}

/** Finds the file that a path stands for. A name is one segment of plain characters: there is no way up or aside. */
function fileOf(path: string): string | undefined {
  const [, folder = "", name = ""] = /^\/_local\/([a-z/]+)\/([a-z0-9][a-z0-9.-]*)$/.exec(path) ?? [];
  return FOLDERS.includes(folder) && extname(name) in CONTENT_TYPES ? join(ROOT, folder, name) : undefined;
}

const DOCUMENT_PATH = "/docs/openapi.json";
interface Made {
  readonly type: string;
  make(): Promise<string> | string;
}

/** The client's entries are where the page's modules import them from: bundles in place of sources. */
const clientModules = CLIENT_ENTRIES.map((entry): [string, Made] => [
  `/_local/client/src/${entry}.ts`,
  { type: JAVASCRIPT, make: () => clientModule(entry) },
]);

/** What is made at each request, so that a change of the code shows after a restart. */
const made: Readonly<Record<string, Made>> = {
  "/": { type: HTML, make: localDocument },
  "/docs": {
    type: HTML,
    make: () =>
      openApiPage(
        openApiDocument(),
        styles.map((path) => `/_local/${path}`),
        DOCUMENT_PATH,
      ),
  },
  [DOCUMENT_PATH]: { type: "application/json; charset=utf-8", make: openApiText },
  ...Object.fromEntries(clientModules),
};

/** Answers with a page or a file; returns false when the path stands for none. */
export async function sendStaticFile(path: string, response: ServerResponse): Promise<boolean> {
  const common = { "cache-control": "no-cache", "x-content-type-options": "nosniff" };
  const found = Object.hasOwn(made, path) ? made[path] : undefined;
  if (found) {
    const { type, make } = found;
    response
      .writeHead(200, {
        ...common,
        "content-type": type,
        ...(type === HTML && { "content-security-policy": POLICY }),
      })
      .end(await make());
    return true;
  }
  const file = fileOf(path);
  const content = file && (await readFile(file).catch(() => undefined));
  if (!file || !content) return false;
  const isFont = extname(file) === ".woff2"; // fonts change with a new version only
  response
    .writeHead(200, {
      ...common,
      ...(isFont && { "cache-control": "public, max-age=86400" }),
      "content-type": CONTENT_TYPES[extname(file)],
    })
    .end(content);
  return true;
}
