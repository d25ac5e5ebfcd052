/** `npx zhenren init`: the settings of a new deployment, with fresh secrets, and what CAM must allow. */
import { CLI_ACTIONS, deployerPolicy, functionsPolicy, KMS_ACTIONS } from "../deploy/policies.ts";
import { language, type Text, text } from "../language/index.ts";
import { settingComments } from "../settings/documents.ts";
import { defineCommand, print, printJson } from "./command.ts";
import { answersFrom, type GivenAnswers } from "./init/answers.ts";
import { addSettings, type EnvFileChange, readEnvFile, writeEnvFile } from "./init/env-file.ts";
import { newSecrets } from "./init/secrets.ts";
import { channelNames, optionalFunctions, wantedFunctions, wantedSettings } from "./init/wanted.ts";

const FILE = ".env";
/** As docs/deploy.md calls it. */
const ROLE = "zhenren-functions";
const NEXT = "npx zhenren deploy --dry-run --offline";

const secretNames: readonly string[] = Object.keys(newSecrets(new Date(0)));

/** What is printed, and what `--json` gives. No value of a setting is in it. */
function reportOf({ channels, functions, uin }: Answers, change: EnvFileChange) {
  const deployed = wantedFunctions({ channels, functions });
  return {
    file: FILE,
    added: change.added,
    kept: change.kept,
    empty: change.empty,
    functions: deployed,
    leftOut: optionalFunctions.filter((key) => !deployed.includes(key)),
    policies: {
      functions: functionsPolicy(channels),
      functionsWithKms: KMS_ACTIONS,
      deployer: deployerPolicy(uin, change.values["SCF_ROLE"] || ROLE),
    },
    next: NEXT,
  };
}

type Answers = Awaited<ReturnType<typeof answersFrom>>;

const joined = (names: readonly string[]): string => names.join(text(", ", "、"));

const indented = (value: unknown): string => JSON.stringify(value, undefined, 2).replaceAll(/^/gm, "  ");

/** A heading with names below it; nothing where there are none. */
const section = (heading: Text, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ["", heading, ...lines.map((line) => `  ${line}`)];

function printReport(
  { added, kept, empty, leftOut, policies }: ReturnType<typeof reportOf>,
  role: string,
): void {
  const comments = settingComments(language);
  const made = added.filter((name) => secretNames.includes(name));
  print(
    text(
      `${FILE}: ${added.length} settings added, readable by you alone.`,
      `${FILE}：添加了 ${added.length} 项设置，只有您可以读取。`,
    ),
  );
  const lines = [
    ...section(
      text("Fresh secrets, of which you need a backup in another place:", "新生成的密钥，请另存备份："),
      [...(made.length > 0 ? [joined(made)] : [])],
    ),
    ...section(text("Kept as they were:", "保持原值："), kept.length > 0 ? [joined(kept)] : []),
    ...section(
      text("Still for you to fill in:", "还需要您填写："),
      empty.map((name) => `${name}${(comments.get(name)?.comment ?? "").replace(/^#/, "")}`),
    ),
    ...section(
      text(
        "Functions that are left out, until init --with names them:",
        "没有启用的函数，可用 init --with 启用：",
      ),
      leftOut.length > 0 ? [joined(leftOut)] : [],
    ),
    "",
    ...(policies.functions
      ? [
          text(
            `Policy of the role ${role} (CAM, Roles, product service SCF):`,
            `角色 ${role} 的策略（访问管理，角色，产品服务选云函数）：`,
          ),
          indented(policies.functions),
        ]
      : [
          text(
            `Create the role ${role} (CAM, Roles, product service SCF); for these channels alone it needs no policy.`,
            `请创建角色 ${role}（访问管理，角色，产品服务选云函数）；仅就这些核身方式而言，它不需要策略。`,
          ),
        ]),
    text(
      `With KMS_KEY_ID the role also needs ${joined(KMS_ACTIONS)} on that key (docs/operations.md#keys).`,
      `设置 KMS_KEY_ID 时，角色还需要对该密钥的 ${joined(KMS_ACTIONS)}（docs/operations.zh-CN.md#密钥）。`,
    ),
    text(
      "With ARCHIVE_URL=cos://… the bucket's policy gives the role its rights there: npx zhenren deploy --with-bucket (docs/evidence-store.md#policy).",
      "使用 ARCHIVE_URL=cos://… 时，由存储桶策略授予角色权限：npx zhenren deploy --with-bucket（docs/evidence-store.zh-CN.md#策略）。",
    ),
    "",
    text("Policy of the user who deploys:", "部署者的策略："),
    indented(policies.deployer),
    text(
      `The serverless CLI also needs ${joined(CLI_ACTIONS)}; deploy --direct does not.`,
      `使用 serverless CLI 时还需要 ${joined(CLI_ACTIONS)}；deploy --direct 不需要。`,
    ),
    "",
    text(`Next: ${NEXT}`, `下一步：${NEXT}`),
  ];
  for (const line of lines) print(line);
}

const command = defineCommand({
  name: "init",
  summary: text(
    "Writes the settings of a new deployment to .env, with fresh secrets, and prints what CAM must allow.",
    "把新部署的设置写入 .env，并生成新的密钥，再显示 CAM 需要的策略。",
  ),
  details: text(
    `On a terminal it asks for what is not given. What .env has already stays as it is. What only you can know becomes an empty
line with its description.`,
    `在终端上会询问没有给出的选项。.env 中已有的值保持不变。只有您知道的设置写成空行，并附说明。`,
  ),
  options: {
    stage: {
      type: "string",
      value: text("<name>", "<名称>"),
      help: text("name of the deployment, part of the functions' names", "部署的名称，是函数名的一部分"),
    },
    region: {
      type: "string",
      value: text("<region>", "<地域>"),
      help: text("where the functions run, such as ap-guangzhou", "函数所在的地域，例如 ap-guangzhou"),
    },
    channels: {
      type: "string",
      value: text("<channels>", "<核身方式>"),
      help: text(`of ${channelNames.join(",")}`, `${channelNames.join(",")} 中的若干`),
    },
    with: {
      type: "string",
      value: text("<functions>", "<函数>"),
      help: text(
        `optional functions: of ${optionalFunctions.join(",")}`,
        `可选的函数：${optionalFunctions.join(",")} 中的若干`,
      ),
    },
    uin: {
      type: "string",
      value: "<uin>",
      help: text("number of your account, for the policy", "主账号的账号 ID，用于策略"),
    },
    yes: { type: "boolean", help: text("asks nothing", "不提问") },
    json: {
      type: "boolean",
      help: text(
        "asks nothing, and prints names and policies as JSON, without any value",
        "不提问，并以 JSON 输出名称和策略，不含任何值",
      ),
    },
  },
  examples: [
    ["", text("asks", "提问")],
    [
      "--stage production --region ap-guangzhou --channels mini-program,h5 --with login --yes",
      text("asks nothing", "不提问"),
    ],
  ],
  exitCodes: [text("it is written", "已写好"), text("it was not written", "没有写入")],
  run: async ({ yes, json, with: functions, ...given }) => {
    const canAsk = process.stdin.isTTY && process.stdout.isTTY && !yes && !json;
    const terminal = canAsk ? { input: process.stdin, output: process.stdout } : undefined;
    const answers = await answersFrom({ ...given, functions } satisfies GivenAnswers, terminal);
    const values = {
      STAGE: answers.stage,
      REGION: answers.region,
      SCF_ROLE: ROLE,
      ...newSecrets(new Date()),
    };
    const change = addSettings(readEnvFile(FILE), wantedSettings(answers), values);
    if (change.values["STAGE"] !== answers.stage || change.values["REGION"] !== answers.region)
      throw new Error(
        text(
          `${FILE} is of another deployment: STAGE ${change.values["STAGE"]}, REGION ${change.values["REGION"]}. Nothing was written.`,
          `${FILE} 属于另一个部署：STAGE ${change.values["STAGE"]}，REGION ${change.values["REGION"]}。没有写入。`,
        ),
      );
    writeEnvFile(FILE, change.content);
    const report = reportOf(answers, change);
    if (json) printJson(report);
    else printReport(report, change.values["SCF_ROLE"] || ROLE);
    return 0;
  },
});

process.exitCode = await command.run(process.argv.slice(2));
