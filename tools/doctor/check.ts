/** What all checks share: the configuration they examine, and the results they can have. */
import { describeProblem, MisconfiguredError } from "../../shared/runtime/errors.ts";
import { diagnose, type Service } from "../diagnose/index.ts";
import { type Text, text } from "../language/index.ts";

/** Seconds that two clocks may differ; Tencent Cloud refuses signatures that are 300 s off (API 3.0, signature v3). */
export const MAX_CLOCK_DIFFERENCE_S = 60;

/** Settings by name, as they are at the place of the deploy. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One run of the doctor. */
export interface Context {
  /** The configuration; with `SIMULATOR_URL` in it, the simulator is asked in place of the services. */
  readonly env: Environment;
  /** Whether unbilled tokens that nobody will use may be issued to learn more. */
  readonly issue: boolean;
  /** Milliseconds by which `Date` is ahead of this machine's clock, as a local stack's may be. */
  readonly clockOffsetMs: number;
}

/** What a check found. Texts are for people, one sentence each, and never hold the value of a secret. */
export type CheckResult =
  | { readonly result: "passed"; readonly detail?: Text }
  | { readonly result: "failed" | "not checked"; readonly why: Text; readonly fix: Text };

/** One line of the report. */
export interface Check {
  /** What is checked, as the line says it. */
  readonly name: Text;
  /** May throw `MisconfiguredError`: the check is then `not checked`, because the lines on settings say what is wrong. */
  run(context: Context): CheckResult | Promise<CheckResult>;
}

/** It works; `detail` says what was seen. */
export const passed = (detail?: Text): CheckResult => ({ result: "passed", ...(detail && { detail }) });

/** It would fail a user too. */
export const failed = (why: Text, fix: Text): CheckResult => ({ result: "failed", why, fix });

/** Nothing is known: it is not configured, or something else has to work first. */
export const notChecked = (why: Text, fix: Text): CheckResult => ({ result: "not checked", why, fix });

/** Not configured, and a deployment need not have it. `purpose` says what for, as in "to receive results as messages". */
export const notConfigured = (names: readonly string[], purpose: Text): CheckResult =>
  notChecked(
    text(`It is not configured: ${names.join(" and ")} not set.`, `没有配置：未设置 ${names.join(" 和 ")}。`),
    text(`Set ${names.join(" and ")} ${purpose}.`, `${purpose}，请设置 ${names.join(" 和 ")}。`),
  );

/** Failed with a code that the service's table explains; `undefined` if the table does not know it. */
export function failedWith(service: Service, code: string): CheckResult | undefined {
  const diagnosis = diagnose(service, code);
  return (
    diagnosis && failed(text(`${diagnosis.why} (${code}).`, `${diagnosis.why}（${code}）。`), diagnosis.fix)
  );
}

/** Runs `check`; wrong settings fail it with this `fix`. Otherwise they leave a check `not checked`. */
export function failedIfMisconfigured(fix: Text, check: () => CheckResult): CheckResult {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof MisconfiguredError)) throw error;
    return failed(settingProblems(error), fix);
  }
}

/** Every problem of the settings in one sentence. */
export const settingProblems = ({ problems }: MisconfiguredError): Text => {
  const described = problems.map(describeProblem);
  return text(`${described.join("; ")}.`, `设置有误：${described.join("; ")}。`);
};

/** The code of an error of the system, of TLS or of PostgreSQL, or of the one that caused it; empty if there is none. */
export function codeOf(error: unknown): string {
  for (let current = error; current instanceof Error; current = current.cause) {
    if ("code" in current && typeof current.code === "string") return current.code;
    if (current instanceof AggregateError) return codeOf(current.errors[0]);
  }
  return "";
}

/** Whether the simulator is asked in place of the services. */
export const isSimulated = ({ env }: Context): boolean => Boolean(env["SIMULATOR_URL"]);

/** Whether one of the settings is there. */
export const hasAny = ({ env }: Context, ...names: readonly string[]): boolean =>
  names.some((name) => Boolean(env[name]));

/** Asks a service once per run and `key`, however many checks need the answer. */
export function oncePerRun<Answer>(
  ask: (context: Context, key: string) => Promise<Answer>,
): (context: Context, key?: string) => Promise<Answer> {
  const runs = new WeakMap<Context, Map<string, Promise<Answer>>>();
  return (context, key = "") => {
    const answers = runs.get(context) ?? new Map<string, Promise<Answer>>();
    runs.set(context, answers);
    const answer = answers.get(key) ?? ask(context, key);
    answers.set(key, answer);
    return answer;
  };
}
