/** Runs the doctor in this process on a configuration, and as a person would. */
import { expect } from "vitest";
import type { Check, CheckResult, Context, Environment } from "../../../tools/doctor/check.ts";
import { documentOf, lineOf } from "../../../tools/doctor/report.ts";
import { type ReportLine, runChecks } from "../../../tools/doctor/run-checks.ts";
import { type CommandRun, runCommand } from "../../support/command.ts";
import type { TestStack } from "../../support/stack.ts";

/** The configuration of a stack, with changes; an empty text takes a setting away. */
export const configurationOf = ({ running }: TestStack, changes: Readonly<Record<string, string>>) => ({
  ...running.settings,
  SIMULATOR_URL: running.simulatorUrl,
  ...changes,
});

/** Settings whose values may never be seen. */
const secretNames = [
  "DATABASE_URL",
  "MASTER_KEY",
  "AUTH_SECRET",
  "TENCENT_SECRET_ID",
  "TENCENT_SECRET_KEY",
  "EID_PRIVATE_KEY",
  "EID_MERCHANT_ID",
  "WECHAT_APP_SECRET",
  "WECHAT_PUSH_TOKEN",
  "WECHAT_PUSH_AES_KEY",
  "WEBHOOK_SECRET",
];

/** Expects no secret of a configuration in a text, nor the password within an address. */
export function expectNoSecret(env: Environment, text: string): void {
  const values = secretNames.flatMap((name) => env[name] ?? []).filter((value) => value !== "");
  const passwords = values.filter((value) => URL.canParse(value)).map((value) => new URL(value).password);
  const seen = [...values, ...passwords.filter(Boolean)].filter((value) => text.includes(value));
  expect(seen).toEqual([]);
}

/** A finished run. */
export class Report {
  constructor(private readonly lines: readonly ReportLine[]) {}

  /** The names of the checks with this result. */
  named(result: CheckResult["result"]): string[] {
    return this.lines.filter((line) => line.result === result).map(({ name }) => name);
  }

  /** The text of one check. */
  line(name: string): string {
    const found = this.lines.find((line) => line.name === name);
    if (!found) throw new Error(`there is no check ${name}`);
    return lineOf(found);
  }
}

/** Checks a configuration. No run may show a secret, whatever is wrong. */
export async function reportOf(env: Environment, context: Partial<Context> = {}): Promise<Report> {
  const lines: ReportLine[] = [];
  for await (const line of runChecks({ env, issue: false, clockOffsetMs: 0, ...context })) lines.push(line);
  expectNoSecret(env, documentOf("a configuration", lines));
  return new Report(lines);
}

/** Runs one check alone. */
export async function resultOf(check: Check, env: Environment): Promise<CheckResult> {
  return check.run({ env, issue: false, clockOffsetMs: 0 });
}

/** `npm run doctor -- …`. */
export const doctor = (env: Environment, ...args: string[]): Promise<CommandRun> =>
  runCommand("doctor.ts", args, env);
