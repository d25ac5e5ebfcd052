/** `npx zhenren doctor`: checks a configuration against the real services before the first user does. */
import { statSync } from "node:fs";
import { shiftDate } from "../../local/functions/shifted-date.ts";
import { countsOf, documentOf, lineOf, summaryOf } from "../doctor/report.ts";
import { type ReportLine, runChecks } from "../doctor/run-checks.ts";
import { text } from "../language/index.ts";
import { defineCommand, print, printJson, UsageError } from "./command.ts";
import { configuration } from "./configuration.ts";

const command = defineCommand({
  name: "doctor",
  summary: text(
    "Checks a configuration against the services that it names, before the first user does.",
    "在第一个用户到来之前，用真实服务检查一份配置。",
  ),
  details: text(
    `It checks the configuration in the environment, or, without DATABASE_URL there, that of the stack that runs on LOCAL_DIR
(.local), or, without one, that of .env.`,
    `检查环境变量中的配置；其中没有 DATABASE_URL 时，检查在 LOCAL_DIR（.local）上运行的本机环境；
没有本机环境时，检查 .env。`,
  ),
  options: {
    issue: {
      type: "boolean",
      help: text(
        "issues one unbilled token per RuleId and for the MerchantId, which nobody uses: the only sure check",
        "为每个 RuleId 和 MerchantId 签发一个无人使用、不计费的凭证：只有这样才能确定",
      ),
    },
    "mini-program": {
      type: "string",
      value: "<folder>",
      help: text(
        "reads a mini-program's sources instead and finds mistakes with file and line; asks nobody",
        "改为检查小程序的源码，按文件和行列出错误；不访问任何服务",
      ),
    },
    json: { type: "boolean", help: text("one JSON document instead of lines", "输出一份 JSON，而不是文字") },
  },
  examples: [
    ["", text("all checks that leave nothing behind", "全部检查，不留下任何东西")],
    [
      "--mini-program examples/mini-program",
      text("the mini-program in a folder", "检查一个文件夹中的小程序"),
    ],
    ["--issue", text("the RuleIds and the MerchantId for sure", "确定 RuleId 和 MerchantId 是否正确")],
  ],
  exitCodes: [
    text("nothing failed", "没有失败项"),
    text("something failed, or there was no configuration", "有失败项，或没有找到配置"),
  ],
  run: async ({ issue = false, json, "mini-program": folder }) => {
    if (folder !== undefined) return examine(folder, json);
    const { env, clockOffsetMs, description } = configuration(process.env);
    if (clockOffsetMs !== 0) shiftDate(() => clockOffsetMs);
    const against = env["SIMULATOR_URL"] ? text(", against the simulator", "（对着模拟器）") : "";
    if (!json) print(text(`Checking ${description}${against}.`, `检查${description}${against}。`));
    const lines: ReportLine[] = [];
    for await (const line of runChecks({ env, issue, clockOffsetMs })) {
      if (!json && line.group !== lines.at(-1)?.group) print(`\n${line.group}`);
      if (!json) print(lineOf(line));
      lines.push(line);
    }
    print(json ? documentOf(description, lines) : `\n${summaryOf(lines)}`);
    return countsOf(lines).failed === 0 ? 0 : 1;
  },
});

/** Prints the mistakes of a mini-program. Loads the TypeScript parser, which nothing else here needs. */
async function examine(folder: string, json: boolean | undefined): Promise<number> {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(text(`${folder} is not a folder.`, `${folder} 不是文件夹。`));
  const { examineMiniProgram, findingLine, frameworkProject } = await import(
    "../doctor/mini-program/index.ts"
  );
  const project = frameworkProject(folder);
  if (project && !project.isBuilt)
    throw new UsageError(
      text(
        `${folder} is a project of ${project.name}: build it first, into ${project.built}.`,
        `${folder} 是 ${project.name} 项目：请先构建到 ${project.built}。`,
      ),
    );
  const findings = examineMiniProgram(project?.built ?? folder);
  if (json) printJson({ folder, findings });
  else {
    for (const finding of findings) print(findingLine(finding));
    print(text(`${findings.length} problems found`, `发现 ${findings.length} 个问题`));
  }
  return findings.length === 0 ? 0 : 1;
}

// Exits at once: a request that timed out may hold its connection open for seconds.
process.exit(await command.run(process.argv.slice(2)));
