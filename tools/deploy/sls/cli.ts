/** Which serverless CLI is installed. Only one pair of versions deploys Tencent's components; others report success and do nothing. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import * as z from "zod";
import { type Text, text, verbatim } from "../../language/index.ts";

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

/** Installs the pinned CLI if it is not there yet; its output goes to the terminal. `cliProblems` tells whether it worked. */
export function installPinnedCli(): void {
  spawnSync(process.execPath, [join(import.meta.dirname, "install-cli.cjs")], { stdio: "inherit" });
}

/** What is wrong with the CLI in this folder, one sentence each; `path` is where a shell would look for another one. */
export function cliProblems(folder = pinnedFolder, path = process.env["PATH"] ?? ""): Text[] {
  const { dependencies = {} } = readManifest(join(pinnedFolder, "package.json"));
  const fix = text(
    "run npm ci --prefix tools/deploy/cli --ignore-scripts in the project's folder",
    "请在项目目录中运行 npm ci --prefix tools/deploy/cli --ignore-scripts",
  );
  return Object.entries(dependencies).flatMap(([name, version]) => {
    const file = join(folder, "node_modules", name, "package.json");
    if (!existsSync(file)) {
      const missing = text(
        `${name} ${version} is not installed; ${fix}.`,
        `没有安装 ${name} ${version}；${fix}。`,
      );
      return [verbatim([missing, ...cliNotes(path)].join(" "))];
    }
    const installed = readManifest(file).version;
    return installed === version
      ? []
      : [
          text(
            `${name} is installed as ${installed}, and only ${version} deploys Tencent's components; ${fix}.`,
            `${name} 安装的版本是 ${installed}，而只有 ${version} 能部署腾讯云的组件；${fix}。`,
          ),
        ];
  });
}

/** A warning about another CLI on the path, which a person who types `sls deploy` would run. */
export function cliNotes(path = process.env["PATH"] ?? ""): Text[] {
  const version = versionOnPath(path);
  if (!version || version.startsWith("2.")) return [];
  return [
    text(
      `The serverless ${version} on your PATH cannot deploy Zhenren, and may report that it did: use npx zhenren deploy, never sls deploy.`,
      `您 PATH 中的 serverless ${version} 不能部署本项目，却可能说部署成功：请用 npx zhenren deploy，不要用 sls deploy。`,
    ),
  ];
}

/** Read from the package that the program belongs to. The program is never run: version 4 would download another one. */
function versionOnPath(path: string): string | undefined {
  for (const folder of path.split(delimiter)) {
    for (const program of ["sls", "serverless"]) {
      const file = join(folder, program);
      if (folder && existsSync(file)) return packageVersion(realpathSync(file));
    }
  }
  return undefined;
}

function packageVersion(file: string): string | undefined {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const { name, version } = readManifest(join(folder, "package.json"));
    if (name === "serverless") return version;
  }
  return undefined;
}

/** A manifest that is missing or cannot be read belongs to no CLI that we know. */
function readManifest(file: string): z.infer<typeof manifest> {
  try {
    return manifest.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return {};
  }
}
