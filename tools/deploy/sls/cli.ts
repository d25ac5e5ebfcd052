/** Which serverless CLI there is. Only one pair of versions deploys Tencent's components; others say that all is well and do nothing. */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import * as z from "zod";

/** The package that pins the CLI. */
export const pinnedFolder = join(import.meta.dirname, "../cli");

const manifest = z.object({
  name: z.string().optional(),
  version: z.string().optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
});

/** The program to run with Node. */
export const programOf = (folder = pinnedFolder): string =>
  join(folder, "node_modules/serverless/bin/serverless.js");

/** What is wrong with the CLI in this folder, one sentence each; `path` is where a shell would look for another one. */
export function cliProblems(folder = pinnedFolder, path = process.env["PATH"] ?? ""): string[] {
  const { dependencies = {} } = read(join(pinnedFolder, "package.json"));
  const remedy = "run npm ci in the project's folder (it runs npm ci --prefix tools/deploy/cli)";
  return Object.entries(dependencies).flatMap(([name, version]) => {
    const file = join(folder, "node_modules", name, "package.json");
    if (!existsSync(file)) return [`${name} ${version} is not installed; ${remedy}.${beware(path)}`];
    const installed = read(file).version;
    return installed === version
      ? []
      : [
          `${name} is installed as ${installed}, and only ${version} deploys Tencent's components; ${remedy}.`,
        ];
  });
}

/** A warning about another CLI on the path, which whoever types `sls deploy` would meet. */
export function cliNotes(path = process.env["PATH"] ?? ""): string[] {
  const text = beware(path).trim();
  return text ? [text] : [];
}

function beware(path: string): string {
  const version = versionOnPath(path);
  if (!version || version.startsWith("2.")) return "";
  return ` The serverless ${version} on your PATH cannot deploy Zhenren, and may answer that it did: use npm run deploy, never sls deploy.`;
}

/** Read from the package that the program belongs to. It is never run: version 4 would download another program. */
function versionOnPath(path: string): string | undefined {
  for (const folder of path.split(delimiter)) {
    for (const program of ["sls", "serverless"]) {
      const file = join(folder, program);
      if (folder && existsSync(file)) return packageOf(realpathSync(file));
    }
  }
  return undefined;
}

function packageOf(file: string): string | undefined {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const { name, version } = existsSync(join(folder, "package.json"))
      ? read(join(folder, "package.json"))
      : {};
    if (name === "serverless") return version;
  }
  return undefined;
}

/** A manifest that cannot be read is that of no CLI that we know. */
function read(file: string): z.infer<typeof manifest> {
  try {
    return manifest.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return {};
  }
}
