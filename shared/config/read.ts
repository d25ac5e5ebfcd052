/** Reads the settings that a function names, all at once: one error tells of everything that is missing or wrong. */
import * as z from "zod";
import { describeProblem, MisconfiguredError, type SettingProblem } from "../runtime/errors.ts";
import { type AllSettings, fields, type SettingName } from "./fields.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The settings named in a list. */
export type SettingsOf<Names extends readonly SettingName[]> = Pick<AllSettings, Names[number]>;

/**
 * Reads and checks the named settings. An empty value counts as missing, because a deploy tool cannot leave a key out, and
 * so does the word `undefined`, which `sls deploy` writes for a variable that is not set (tencent-component-toolkit 2.27.6,
 * scf/utils: `String(value)`). Throws {@link MisconfiguredError} naming each wrong setting and never repeating a value.
 */
export function readSettings<const Names extends readonly SettingName[]>(
  names: Names,
  env: Environment = process.env,
): SettingsOf<Names> {
  const given = Object.fromEntries(
    names.map((name) => [name, nothing.has(env[name]) ? undefined : env[name]]),
  );
  const parsed = z.object(pick(names)).safeParse(given);
  const wrong = parsed.success
    ? []
    : parsed.error.issues.map((issue) => {
        const setting = String(issue.path[0]);
        return { setting, message: given[setting] === undefined ? "is missing" : issue.message };
      });
  const problems = [...wrong, ...contradictions(names, given, env)];
  const unique = new Map(problems.map((problem) => [describeProblem(problem), problem]));
  if (unique.size > 0) throw new MisconfiguredError([...unique.values()]);
  // zod's output type is lost through the computed shape; the shape was picked from `fields` by the same names.
  return parsed.data as SettingsOf<Names>;
}

const nothing: ReadonlySet<string | undefined> = new Set(["", "undefined"]);

/** A setting that is optional in general and needed here. Throws {@link MisconfiguredError}. */
export function required<Name extends SettingName>(
  settings: Pick<AllSettings, Name>,
  name: Name,
): NonNullable<AllSettings[Name]> {
  const value = settings[name];
  if (value == null) throw new MisconfiguredError([{ setting: name, message: "is missing" }]);
  return value;
}

const pick = (names: readonly SettingName[]) => Object.fromEntries(names.map((name) => [name, fields[name]]));

/** What no single field can see: simulated and real things must not be mixed, and some settings come in pairs. */
function contradictions(
  names: readonly SettingName[],
  given: Environment,
  env: Environment,
): SettingProblem[] {
  const has = (name: SettingName) => names.includes(name);
  const problems: SettingProblem[] = [];
  const report = (setting: SettingName, message: string) => problems.push({ setting, message });
  const simulated = given["SIMULATOR_URL"] !== undefined;
  if (simulated && env["TENCENTCLOUD_RUNENV"] === "SCF") {
    report("SIMULATOR_URL", "must not be set in the cloud");
  }
  for (const [name, looksSimulated] of Object.entries(simulatedLook)) {
    const value = given[name];
    if (value === undefined || !has("SIMULATOR_URL")) continue;
    if (simulated && !looksSimulated.test(value))
      report(name as SettingName, "is real, but SIMULATOR_URL is set");
    if (!simulated && looksSimulated.test(value))
      report(name as SettingName, "is simulated, but SIMULATOR_URL is not set");
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

/** What simulated credentials look like; the real services never issue such. */
const simulatedLook: Readonly<Partial<Record<SettingName, RegExp>>> = {
  TENCENT_SECRET_ID: /^sim-/,
  TENCENT_SECRET_KEY: /^sim-/,
  FACEID_RULE_ID_MINI_PROGRAM: /^sim-/,
  FACEID_RULE_ID_H5: /^sim-/,
  WECHAT_APP_ID: /^wxsim/,
  WECHAT_APP_SECRET: /^sim-/,
  EID_MERCHANT_ID: /^sim-/,
  // A key cannot look like anything: this is the very one that the simulator's merchant has.
  EID_PRIVATE_KEY: /^7446a50d4e79be1549d2015c9621f150f00efd59a543a9c577e65e31805f67e9$/i,
  WECHAT_PUSH_TOKEN: /^sim/,
  WECHAT_PUSH_AES_KEY: /^sim/,
};
