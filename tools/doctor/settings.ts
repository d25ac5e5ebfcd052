/** Every setting of every function, as `serverless.yml` hands it out. */

import { MisconfiguredError } from "../../shared/runtime/errors.ts";
import { disabledReason, type FunctionManifest, functionManifests } from "../build/function-manifest.ts";
import { readBundle, resolveEnvironment, withOwnKey } from "../build/serverless-yml.ts";
import { type Check, failed, notChecked, type Outcome, passed } from "./check.ts";
import type { Context, Environment } from "./context.ts";

/** One check a function: would it start with what it is given? */
export const settingsChecks: readonly Check[] = Object.entries(functionManifests).map(([name, manifest]) => ({
  name: `settings of ${name}`,
  run: (context) => readiness(name, manifest, context),
}));

function readiness(name: string, manifest: FunctionManifest, { env }: Context): Outcome {
  const disabled = disabledReason(manifest, env);
  if (disabled) return notChecked(disabled.why, disabled.fix);
  try {
    manifest.read(environmentOf(name, env));
    return passed();
  } catch (error) {
    if (!(error instanceof MisconfiguredError)) throw error;
    return failed(
      error.message.replace(/^Settings: /, ""),
      "Correct what is named here in the environment that you deploy from, and deploy again.",
    );
  }
}

/** What a function finds in its environment. The platform adds the keys of a role, so a role counts as having them. */
function environmentOf(name: string, env: Environment): Environment {
  const entry = readBundle().functions[name];
  if (!entry) return {};
  return {
    ...resolveEnvironment(entry, env["SIMULATOR_URL"] ? withOwnKey(env) : env),
    SIMULATOR_URL: env["SIMULATOR_URL"],
    ...(hasRole(env) && { TENCENTCLOUD_SECRETID: "of the role" }),
  };
}

/** Whether functions get their keys from a role: it is named for the deploy, or this runs with its keys. */
export const hasRole = (env: Environment): boolean =>
  Boolean(env["SCF_ROLE"] || env["TENCENTCLOUD_SECRETID"]);
