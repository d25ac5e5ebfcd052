/** The words of the documents about settings, in both languages. */
import type { Translated } from "../../shared/config/descriptions/index.ts";

/** A language of the documents. */
export type Language = keyof Translated;

/** What the documents say around the descriptions. Names are given as they are to appear. */
export interface Wording {
  readonly yes: string;
  readonly no: string;
  readonly deploy: string;
  readonly all: string;
  readonly secret: string;
  readonly comma: string;
  readonly fullStop: string;
  readonly tableHead: readonly string[];
  readonly introduction: string;
  neededBy(functions: string): string;
  allBut(functions: string): string;
  needed(when: string): string;
  default(value: string): string;
}

export const wordings: Readonly<Record<Language, Wording>> = {
  en: {
    yes: "yes",
    no: "no",
    deploy: "the deploy",
    all: "all",
    secret: "Secret",
    comma: ", ",
    fullStop: ". ",
    tableHead: ["setting", "what it is", "needed", "default", "example", "read by"],
    introduction: `# Settings

Written by \`npx zhenren settings\` from \`shared/config/\`; change it there. [中文](settings.zh-CN.md)

\`npm start\` brings its own values. For a deployment copy \`.env.example\` to \`.env\`; what is set in the environment goes before what is
in the file. An empty value counts as none. A value that still holds \`change-me\` is refused everywhere.

A function reads only its own settings, and \`serverless.yml\` gives it no others. It checks them at its first start and names all that
are missing or wrong at once, without their values; \`npx zhenren deploy\` and \`npx zhenren doctor\` check the same before.`,
    neededBy: (functions) => `by ${functions}`,
    allBut: (functions) => `all but ${functions}`,
    needed: (when) => `Needed: ${when}`,
    default: (value) => `Default: ${value}`,
  },
  zh: {
    yes: "是",
    no: "否",
    deploy: "部署",
    all: "全部",
    secret: "机密",
    comma: "、",
    fullStop: "。",
    tableHead: ["设置", "含义", "必填", "默认值", "示例", "由谁读取"],
    introduction: `# 设置

由 \`npx zhenren settings\` 根据 \`shared/config/\` 生成，请在那里修改。[English](settings.md)

\`npm start\` 自带全部取值。部署时把 \`.env.example\` 复制为 \`.env\`；环境变量优先于文件。空值视为未设置。仍含有 \`change-me\` 的值在任何地方都会被拒绝。

每个函数只读取自己的设置，\`serverless.yml\` 也只给它这些。函数首次启动时检查设置，一次指出所有缺失或错误的设置，但不显示其值；
\`npx zhenren deploy\` 和 \`npx zhenren doctor\` 会事先做同样的检查。`,
    neededBy: (functions) => `${functions} 需要`,
    allBut: (functions) => `除 ${functions} 外全部`,
    needed: (when) => `必填：${when}`,
    default: (value) => `默认：${value}`,
  },
};

/** The head of `.env.example`. */
export const EXAMPLE_INTRODUCTION = `# Every setting of Zhenren, written by npx zhenren settings. Copy to .env, change, and keep .env out of version control.
# Zhenren 的全部设置，由 npx zhenren settings 生成。请复制为 .env 并修改，不要把 .env 提交到版本库。
# npm start needs none of this. Values with change-me are placeholders, which every check refuses.
# npm start 不需要这些设置。含有 change-me 的值是占位符，任何检查都会拒绝。`;
