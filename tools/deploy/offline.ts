/** What a dry run without a network says: what would be deployed, and what it cannot know. */
import { type Text, text } from "../language/index.ts";
import { archiveFolder } from "./archive-url.ts";
import type { Environment } from "./deployment.ts";
import { type DesiredFunction, type DesiredTrigger, headings } from "./plan.ts";

const describeTrigger = (trigger: DesiredTrigger): string => {
  if (trigger.type === "timer") return `${trigger.name} (${trigger.cron})`;
  return trigger.type === "http" ? text("function URL", "函数 URL") : trigger.path;
};

/** The desired state of a function, in a few lines, without a value of a setting. */
function describeDesired({ code, memorySize, timeout, triggers, environment }: DesiredFunction): Text[] {
  const names = Object.keys(environment).join(text(", ", "、"));
  const kilobytes = Math.ceil(code.length / 1024);
  const started = triggers.map(describeTrigger).join(text(", ", "、"));
  return [
    text(
      `${kilobytes} KB of code, ${memorySize} MB, ${timeout} s`,
      `代码 ${kilobytes} KB，内存 ${memorySize} MB，超时 ${timeout} 秒`,
    ),
    text(`started by: ${started}`, `触发：${started}`),
    text(`settings: ${names}`, `设置：${names}`),
  ];
}

/** What only the network, the account or a person knows. */
function notChecked(env: Environment): Text[] {
  const { ARCHIVE_URL: archiveUrl = "", CUSTOM_DOMAIN: domain, SCF_ROLE: role } = env;
  const hasKey = Boolean(env["TENCENT_SECRET_ID"] && env["TENCENT_SECRET_KEY"]);
  return [
    hasKey
      ? text(
          "whether the key of the deploy is right and has its rights",
          "部署用的密钥是否正确、权限是否足够",
        )
      : text(
          "the key of the deploy: TENCENT_SECRET_ID and TENCENT_SECRET_KEY are not set",
          "部署用的密钥：没有设置 TENCENT_SECRET_ID 和 TENCENT_SECRET_KEY",
        ),
    ...(role
      ? [
          text(
            `whether the role ${role} exists and has its policy`,
            `角色 ${role} 是否存在、是否有相应的策略`,
          ),
        ]
      : []),
    text("what is deployed already, and so what would change", "已经部署了什么，因而将会改变什么"),
    ...(env["PUBLIC_URL"]
      ? []
      : [
          text(
            "the address of h5-landing, which its first deploy gives",
            "h5-landing 的地址，由首次部署得到",
          ),
        ]),
    text("whether the database answers and has the newest schema", "数据库能否连接、表结构是否最新"),
    archiveFolder(archiveUrl) === undefined
      ? text(
          "whether the bucket exists, with its policy and lifecycle",
          "存储桶是否存在，策略和生命周期是否正确",
        )
      : text("whether the file system is mounted", "文件系统是否已挂载"),
    ...(domain
      ? [text(`the DNS record and the certificate of ${domain}`, `${domain} 的 DNS 记录和证书`)]
      : []),
    text("whether FaceID and WeChat accept your ids and secrets", "人脸核身和微信是否接受您的 ID 和密钥"),
  ];
}

/** What was made without a network. */
export interface Rehearsal {
  readonly env: Environment;
  readonly desired: readonly DesiredFunction[];
  /** What the deployer says of it. */
  readonly rehearsed: readonly Text[];
  readonly print: (line: string) => void;
}

/** Prints what would be deployed, and what was not checked. */
export function showOffline({ env, desired, rehearsed, print }: Rehearsal): void {
  const heading = headings(desired.length);
  for (const fn of desired) {
    print(heading(fn));
    for (const line of describeDesired(fn)) print(`    ${line}`);
  }
  for (const line of rehearsed) print(line);
  print(text("Everything that can be checked here is right. Not checked:", "本机能检查的都正确。没有检查："));
  for (const line of notChecked(env)) print(`  - ${line}`);
  print(text("Dry run: nothing was changed.", "试运行：没有做任何改动。"));
}
