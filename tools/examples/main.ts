/** `npm run examples`: builds the examples of Taro and uni-app by their own tools, with the package of the client as it is published. */
import { execFileSync } from "node:child_process";
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { buildClient } from "../build/client.ts";
import { defineCommand, print, UsageError } from "../cli/command.ts";
import { text } from "../language/index.ts";
import { type App, apps } from "./apps.ts";
import { examineBuilt } from "./built.ts";
import { typeProblems } from "./type-check.ts";

/** Runs npm in an example, and returns the seconds that it took. Throws with what npm printed. */
function npm({ folder }: App, args: readonly string[]): number {
  const began = performance.now();
  try {
    execFileSync("npm", args, { cwd: folder, encoding: "utf8", stdio: "pipe", maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    const { stdout = "", stderr = "" } = Object(error);
    throw new Error(`npm ${args.join(" ")} in ${folder} failed:\n${stdout}${stderr}`);
  }
  return Math.round((performance.now() - began) / 1_000);
}

const megabytesOf = (folder: string): number => {
  const bytes = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
  return Math.round(bytes / 1_000_000);
};

/** Installs, checks and builds one example, and prints a line each. */
function build(app: App): readonly string[] {
  const output = join(app.folder, app.output);
  rmSync(output, { recursive: true, force: true });
  const installing = npm(app, ["ci", "--no-audit", "--no-fund"]);
  print(
    `${app.name}: installed in ${installing} s, ${megabytesOf(join(app.folder, "node_modules"))} MB; the client is packed in it`,
  );
  const installed = join(app.folder, "node_modules");
  const wrongTypes = typeProblems(
    app.sources.map((file) => join(app.folder, file)),
    { types: [...app.globals], typeRoots: [installed, join(installed, "@types")] },
  );
  const building = npm(app, ["run", "build"]);
  const { problems, bytes } = examineBuilt(output);
  print(`${app.name}: built in ${building} s, ${Math.round(bytes / 1_000)} kB`);
  return [...wrongTypes, ...problems].map((problem) => `${app.name}: ${problem}`);
}

const command = defineCommand({
  name: "examples",
  summary: text(
    "Installs and builds the examples of Taro and uni-app with the packed client, and checks what comes out.",
    "用打包好的客户端安装并构建 Taro 和 uni-app 示例，并检查结果。",
  ),
  details: text(
    "Needs the npm registry, some minutes and 700 MB. Install scripts of packages are not run.",
    "需要 npm 仓库、几分钟和 700 MB 空间。不运行依赖包的安装脚本。",
  ),
  operands: ["[<name>…]"],
  options: {},
  examples: [
    ["", text("both", "两个都构建")],
    ["uni", text("one of them", "只构建一个")],
  ],
  exitCodes: [text("all is well", "一切正常"), text("problems were found", "发现了问题")],
  run: async (_, names) => {
    const wanted = names.length === 0 ? apps : apps.filter(({ name }) => names.includes(name));
    if (names.length > 0 && wanted.length !== names.length)
      throw new UsageError(`Examples are ${apps.map(({ name }) => name).join(" and ")}.`);
    await buildClient();
    const problems = wanted.flatMap(build);
    for (const problem of problems) print(problem);
    print(problems.length === 0 ? `${wanted.length} examples built` : `${problems.length} problems found`);
    return problems.length === 0 ? 0 : 1;
  },
});

process.exitCode = await command.run(process.argv.slice(2));
