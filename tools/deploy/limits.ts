/** What the platform takes, and our own budget for code. */
import { cronProblem } from "./cron.ts";
import type { DesiredFunction } from "./plan.ts";

/** Bytes; our own budget: every cold start reads and parses all of it. */
const codeLimit = 1024 * 1024;

/** Bytes of all names and values together (Tencent doc 583/11637). */
const environmentLimit = 4 * 1024;

const nameForm = /^[A-Za-z][A-Za-z0-9_-]{0,58}[A-Za-z0-9]$/;

/** Everything about one planned function that the platform, or our budget, would not take; one sentence each. */
export function limitProblems(desired: DesiredFunction): string[] {
  const { key, name, memorySize, timeout, initTimeout } = desired;
  const problems: string[] = [];
  if (!nameForm.test(name)) {
    problems.push(
      `The function name ${name} is not of 2 to 60 letters, digits, - and _, beginning with a letter; choose a shorter or plainer STAGE.`,
    );
  }
  if (desired.code.length > codeLimit) {
    problems.push(
      `${key}: its bundle has ${kilobytes(desired.code.length)} KB, more than 1024 KB; find what was added to it (npm run build shows all sizes).`,
    );
  }
  const size = environmentBytes(desired.environment);
  if (size > environmentLimit) {
    problems.push(
      `${key}: its environment has ${size} bytes, more than the 4096 that SCF takes; shorten ${longest(desired.environment)}, its longest value.`,
    );
  }
  if (memorySize !== 64 && (memorySize < 128 || memorySize > 3072 || memorySize % 128 !== 0)) {
    problems.push(
      `${key}: memorySize ${memorySize} in serverless.yml must be 64, or 128 to 3072 in steps of 128.`,
    );
  }
  if (timeout < 1 || timeout > 900)
    problems.push(`${key}: timeout ${timeout} in serverless.yml must be 1 to 900 seconds.`);
  if (initTimeout < 3 || initTimeout > 300) {
    problems.push(`initTimeout ${initTimeout} in serverless.yml must be 3 to 300 seconds.`);
  }
  for (const trigger of desired.triggers) {
    const wrong = trigger.type === "timer" ? cronProblem(trigger.cron) : undefined;
    if (wrong)
      problems.push(`${key}: the cronExpression of timer ${trigger.name} ${wrong}; correct serverless.yml.`);
  }
  return problems;
}

const kilobytes = (bytes: number): number => Math.ceil(bytes / 1024);

/** Counted as `NAME=value` lines, a little more than the names and values themselves. */
const environmentBytes = (environment: Readonly<Record<string, string>>): number =>
  Object.entries(environment).reduce((sum, [key, value]) => sum + Buffer.byteLength(key + value) + 2, 0);

const longest = (environment: Readonly<Record<string, string>>): string =>
  Object.entries(environment).toSorted(([, one], [, other]) => other.length - one.length)[0]?.[0] ?? "it";
