/** Reads the settings that a function names, all at once: one error lists everything that is missing or wrong. */
import { describeProblem, MisconfiguredError, type SettingProblem } from "../runtime/errors.ts";
import { type AllSettings, type Setting, type SettingName, settings } from "./settings.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The settings named in a list. */
export type SettingsOf<Names extends readonly SettingName[]> = Pick<AllSettings, Names[number]>;

/**
 * Reads and checks the named settings. An empty value counts as missing, because a deploy tool cannot leave a key out, and
 * so does the word `undefined`, which `sls deploy` writes for a variable that is not set (tencent-component-toolkit 2.27.6,
 * scf/utils: `String(value)`). Throws {@link MisconfiguredError} naming each wrong setting and never repeating a value.
 *
 * @param needed settings that are optional in general and needed here; see {@link required}
 * @example const { DATABASE_URL } = readSettings(["DATABASE_URL"]);
 */
export function readSettings<const Names extends readonly SettingName[]>(
  names: Names,
  env: Environment = process.env,
  needed: readonly NoInfer<Names[number]>[] = [],
): SettingsOf<Names> {
  const given = Object.fromEntries(
    names.map((name) => [name, nothing.has(env[name]) ? undefined : env[name]]),
  );
  const parsed = names.map((name) => parse(name, given[name]));
  const problems = [
    ...parsed.flatMap((each) => each.problems),
    ...needed.filter((name) => given[name] === undefined).map(missing),
    ...mixedUpProblems(names, given),
    ...contradictions(names, given, env),
  ];
  const unique = new Map(problems.map((problem) => [describeProblem(problem), problem]));
  if (unique.size > 0) throw new MisconfiguredError([...unique.values()]);
  // `fromEntries` loses which name has which type; each value was parsed by the schema of its own name.
  return Object.fromEntries(parsed.map(({ name, value }) => [name, value])) as SettingsOf<Names>;
}

const nothing: ReadonlySet<string | undefined> = new Set(["", "undefined"]);

const missing = (setting: SettingName): SettingProblem => ({ setting, message: "is missing" });

/**
 * A setting that is optional in general and needed here. Throws {@link MisconfiguredError}, naming this one alone: a function
 * tells {@link readSettings} first what it needs.
 */
export function required<Name extends SettingName>(
  values: Pick<AllSettings, Name>,
  name: Name,
): NonNullable<AllSettings[Name]> {
  const value = values[name];
  if (value == null) throw new MisconfiguredError([missing(name)]);
  return value;
}

/** Whether a value is still a placeholder as `.env.example` has them. No check accepts one. */
export const isPlaceholder = (value: string): boolean => /change-?me/i.test(value);

interface Parsed {
  readonly name: SettingName;
  readonly value?: unknown;
  readonly problems: readonly SettingProblem[];
}

function parse(name: SettingName, given: string | undefined): Parsed {
  const setting: Setting = settings[name];
  const problem = (message: string): SettingProblem => ({ setting: name, message });
  const text = given ?? setting.default;
  if (text === undefined) return { name, problems: setting.optional ? [] : [missing(name)] };
  if (isPlaceholder(text)) return { name, problems: [problem("is still the placeholder of .env.example")] };
  const { success, data, error } = setting.schema.safeParse(text);
  if (success) return { name, value: data, problems: [] };
  return { name, problems: error.issues.map(({ message }) => problem(message)) };
}

/** Simulated and real values must not be mixed. */
function mixedUpProblems(names: readonly SettingName[], given: Environment): SettingProblem[] {
  if (!names.includes("SIMULATOR_URL")) return [];
  const isSimulated = given["SIMULATOR_URL"] !== undefined;
  const message = isSimulated
    ? "is real, but SIMULATOR_URL is set"
    : "is simulated, but SIMULATOR_URL is not set";
  return names
    .filter((name) => {
      const { simulated }: Setting = settings[name];
      const value = given[name];
      if (!simulated || value === undefined || isPlaceholder(value)) return false;
      // Some settings take a list, whose every value counts.
      return value.split(",").some((part) => simulated.test(part.trim()) !== isSimulated);
    })
    .map((setting) => ({ setting, message }));
}

/** Problems that no single setting shows: some come in pairs, and some depend on where the function runs. */
function contradictions(
  names: readonly SettingName[],
  given: Environment,
  env: Environment,
): SettingProblem[] {
  const has = (name: SettingName) => names.includes(name);
  const problems: SettingProblem[] = [];
  const report = (setting: SettingName, message: string) => problems.push({ setting, message });
  if (given["SIMULATOR_URL"] && env["TENCENTCLOUD_RUNENV"] === "SCF") {
    report("SIMULATOR_URL", "must not be set in the cloud");
  }
  if (has("AUTH_SECRET") && has("AUTH_JWKS_URL") && !given["AUTH_SECRET"] && !given["AUTH_JWKS_URL"]) {
    report("AUTH_SECRET", "or AUTH_JWKS_URL is missing");
  }
  if (has("AUTH_AUDIENCE") && given["AUTH_JWKS_URL"] && !given["AUTH_AUDIENCE"]) {
    report("AUTH_AUDIENCE", "is missing, but AUTH_JWKS_URL is set");
  }
  if (has("WEBHOOK_URL") && given["WEBHOOK_URL"] && !given["WEBHOOK_SECRET"]) {
    report("WEBHOOK_SECRET", "is missing, but WEBHOOK_URL is set");
  }
  const { WECHAT_PUSH_MODE: mode = settings.WECHAT_PUSH_MODE.default, EID_INTENTION: intention } = given;
  if (
    has("WECHAT_PUSH_MODE") &&
    (mode === "secure" || mode === "compatible") &&
    !given["WECHAT_PUSH_AES_KEY"]
  ) {
    report("WECHAT_PUSH_AES_KEY", `is missing for WECHAT_PUSH_MODE=${mode}`);
  }
  if (has("EID_INTENTION") && intention && intention !== "none" && !given["EID_INTENTION_TEXT"]) {
    report("EID_INTENTION_TEXT", "is missing, but EID_INTENTION is set");
  }
  if (has("EID_INTENTION") && intention === "answer" && !given["EID_INTENTION_ANSWERS"]) {
    report("EID_INTENTION_ANSWERS", "is missing for EID_INTENTION=answer");
  }
  if (
    has("TENCENT_SECRET_ID") &&
    Boolean(given["TENCENT_SECRET_ID"]) !== Boolean(given["TENCENT_SECRET_KEY"])
  ) {
    report("TENCENT_SECRET_ID", "and TENCENT_SECRET_KEY must be set together");
  }
  if (has("TENCENT_SECRET_ID") && !given["TENCENT_SECRET_ID"] && !env["TENCENTCLOUD_SECRETID"]) {
    report("TENCENT_SECRET_ID", "is missing, and the function has no role");
  }
  return problems;
}
