/**
 * Puts the console's page together: one document that contains its style, its script and its font, with a policy that
 * allows just those (by their hashes) and requests to where it came from.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build, transform } from "esbuild";
import { subsetOf } from "./page-font.ts";

/** The page and its Content-Security-Policy. */
export interface ConsolePage {
  readonly html: string;
  readonly policy: string;
}

/** The console's style sheets, in their order. */
export const CONSOLE_STYLES = ["console.css", "parts.css"] as const;

/** The sources whose texts the page shows: its own, our reasons, and the code tables of the channels. */
const textFolders = ["pages/console", "shared/verification", "shared/channels"];

/** What is put into the document, by the place in it. */
export type DocumentParts = Readonly<Partial<Record<"head" | "tools" | "nav" | "views" | "tail", string>>>;

/** The document with its parts. `root` is the project's folder. */
export function consoleDocument(root: string, parts: DocumentParts): string {
  const document = readFileSync(join(root, "pages/console/index.html"), "utf8");
  const given: Readonly<Record<string, string | undefined>> = parts;
  return document.replaceAll(/ *<!--(\w+)-->\n/g, (_, place: string) => given[place] ?? "");
}

const hashOf = (source: string) => `'sha256-${createHash("sha256").update(source).digest("base64")}'`;

/** Builds the page that the function `console` answers with. */
export async function consolePage(root: string): Promise<ConsolePage> {
  const [style, script] = await Promise.all([styleOf(root), scriptOf(root)]);
  const policy = [
    "default-src 'none'",
    `style-src ${hashOf(style)}`,
    `script-src ${hashOf(script)}`,
    "font-src data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  const html = consoleDocument(root, {
    head: `<style>${style}</style>\n`,
    tail: `<script>${script}</script>\n`,
  });
  return { html, policy };
}

async function styleOf(root: string): Promise<string> {
  const font = await subsetOf(root, textFolders);
  const face = `@font-face{font-family:"Zhenren";src:url(data:font/woff2;base64,${font}) format("woff2")}`;
  const sources = CONSOLE_STYLES.map((file) => readFileSync(join(root, "pages/console", file), "utf8"));
  const { code } = await transform(sources.join("\n"), { loader: "css", minify: true, charset: "utf8" });
  return face + code.trim();
}

async function scriptOf(root: string): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ["pages/console/main.js"],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: "es2022",
    charset: "utf8",
  });
  return outputFiles.map(({ text }) => text.trim()).join("");
}
