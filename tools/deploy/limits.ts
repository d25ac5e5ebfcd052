/** What the platform, or our own budget, does not accept of a function: sizes, ranges and the names that it may have. */

import { cronProblem } from "../build/cron.ts";
import { type Text, text } from "../language/index.ts";
import type { DesiredFunction } from "./plan.ts";

/** Our own budget: every cold start reads and parses all of the code. */
const MAX_CODE_BYTES = 1024 * 1024;
/** All names and values together (Tencent doc 583/11637). */
const MAX_ENVIRONMENT_BYTES = 4 * 1024;

/** Everything about one desired function that the platform, or our budget, does not accept; one sentence each. */
export function limitProblems({ key, name, code, environment, ...desired }: DesiredFunction): Text[] {
  const { memorySize, timeout, initTimeout } = desired;
  const problems: Text[] = [];
  if (!/^[A-Za-z][A-Za-z0-9_-]{0,58}[A-Za-z0-9]$/.test(name)) {
    problems.push(
      text(
        `The function name ${name} does not consist of 2 to 60 letters, digits, - and _, beginning with a letter; choose a shorter or plainer STAGE.`,
        `函数名 ${name} 须为 2 到 60 个字母、数字、- 和 _，并以字母开头；请换一个更短或更简单的 STAGE。`,
      ),
    );
  }
  if (code.length > MAX_CODE_BYTES) {
    problems.push(
      text(
        `${key}: its bundle has ${Math.ceil(code.length / 1024)} KB, more than 1024 KB; find what was added to it (npx zhenren build shows all sizes).`,
        `${key}：代码有 ${Math.ceil(code.length / 1024)} KB，超过 1024 KB；请查明加入了什么（npx zhenren build 显示全部大小）。`,
      ),
    );
  }
  const size = environmentBytes(environment);
  if (size > MAX_ENVIRONMENT_BYTES) {
    problems.push(
      text(
        `${key}: its environment has ${size} bytes, more than the 4096 that SCF accepts; shorten ${longestSetting(environment)}, its longest value.`,
        `${key}：环境变量有 ${size} 字节，超过云函数允许的 4096；请缩短最长的 ${longestSetting(environment)}。`,
      ),
    );
  }
  if (memorySize !== 64 && (memorySize < 128 || memorySize > 3072 || memorySize % 128 !== 0)) {
    problems.push(
      text(
        `${key}: memorySize ${memorySize} in serverless.yml must be 64, or 128 to 3072 in steps of 128.`,
        `${key}：serverless.yml 中的 memorySize ${memorySize} 须为 64，或 128 到 3072 之间 128 的倍数。`,
      ),
    );
  }
  if (timeout < 1 || timeout > 900)
    problems.push(
      text(
        `${key}: timeout ${timeout} in serverless.yml must be 1 to 900 seconds.`,
        `${key}：serverless.yml 中的 timeout ${timeout} 须为 1 到 900 秒。`,
      ),
    );
  if (initTimeout < 3 || initTimeout > 300)
    problems.push(
      text(
        `initTimeout ${initTimeout} in serverless.yml must be 3 to 300 seconds.`,
        `serverless.yml 中的 initTimeout ${initTimeout} 须为 3 到 300 秒。`,
      ),
    );
  for (const trigger of desired.triggers) {
    const wrong = trigger.type === "timer" ? cronProblem(trigger.cron) : undefined;
    if (wrong)
      problems.push(
        text(
          `${key}: the cronExpression of timer ${trigger.name} ${wrong}; correct serverless.yml.`,
          `${key}：定时器 ${trigger.name} 的 cronExpression 有误（${wrong}）；请更正 serverless.yml。`,
        ),
      );
  }
  return problems;
}

/** Counted as `NAME=value` lines, a little more than the names and values themselves. */
const environmentBytes = (environment: Readonly<Record<string, string>>): number =>
  Object.entries(environment).reduce((sum, [key, value]) => sum + Buffer.byteLength(key + value) + 2, 0);

const longestSetting = (environment: Readonly<Record<string, string>>): string =>
  Object.entries(environment).toSorted(([, one], [, other]) => other.length - one.length)[0]?.[0] ?? "it";
