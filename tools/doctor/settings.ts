/** Would every function start with what `serverless.yml` hands it? */
import { disabledReason, functionManifests } from "../build/function-manifest.ts";
import { type Bundle, readBundle, resolveEnvironment, withOwnKey } from "../build/serverless-yml.ts";
import { text } from "../language/index.ts";
import {
  type Check,
  type CheckResult,
  type Environment,
  failedIfMisconfigured,
  notChecked,
  passed,
} from "./check.ts";

/** `serverless.yml`, once it was read: each function is asked about it. */
let bundle: Bundle | undefined;

/** One check per function. */
export const settingsChecks: readonly Check[] = Object.entries(functionManifests).map(([name, { read }]) => ({
  name: text(`settings of ${name}`, `${name} 的设置`),
  run: ({ env }) =>
    disabled(name, env) ??
    failedIfMisconfigured(
      text(
        "Correct what is named here in the environment that you deploy from, and deploy again.",
        "请在部署所用的环境变量中更正这里列出的设置，然后重新部署。",
      ),
      () => {
        read(environmentOf(name, env));
        return passed();
      },
    ),
}));

/** The result for a function that this deployment has disabled; `undefined` if it is enabled. */
export function disabled(name: string, env: Environment): CheckResult | undefined {
  const manifest = functionManifests[name];
  const reason = manifest && disabledReason(manifest, env);
  return reason && notChecked(reason.why, reason.fix);
}

/** What a function finds in its environment. The platform adds the keys of a role, so a role counts as having them. */
function environmentOf(name: string, env: Environment): Environment {
  bundle ??= readBundle();
  const entry = bundle.functions[name];
  if (!entry) return {};
  return {
    ...resolveEnvironment(entry, env["SIMULATOR_URL"] ? withOwnKey(env) : env),
    SIMULATOR_URL: env["SIMULATOR_URL"],
    ...((env["SCF_ROLE"] || env["TENCENTCLOUD_SECRETID"]) && { TENCENTCLOUD_SECRETID: "of the role" }),
  };
}
