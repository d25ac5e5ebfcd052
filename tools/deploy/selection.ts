/** Which functions are deployed. */
import { disabledReason, functionManifests } from "../build/function-manifest.ts";
import type { Deployment, Environment } from "./deployment.ts";

/** What was chosen. */
export interface Selection {
  /** Keys of functions, in the order of `serverless.yml`. */
  readonly keys: readonly string[];
  /** Functions of channels that nothing is set for, and what to set. */
  readonly leftOut: readonly { readonly key: string; readonly why: string }[];
  readonly problems: readonly string[];
}

/**
 * The named functions, or, where none is named, all that this environment configures: who verifies by H5 alone has no
 * WeChat secret to give. A function that is named is wanted, whatever is set.
 */
export function select(deployment: Deployment, named: readonly string[], env: Environment): Selection {
  const all = Object.keys(deployment.functions);
  if (named.length > 0) {
    const unknown = named.filter((name) => !all.includes(name));
    return {
      keys: all.filter((key) => named.includes(key)),
      leftOut: [],
      problems: unknown.map(
        (name) => `serverless.yml lists no function ${name}; it lists ${all.join(", ")}.`,
      ),
    };
  }
  const leftOut = all.flatMap((key) => {
    const manifest = functionManifests[key];
    const disabled = manifest && disabledReason(manifest, env);
    return disabled ? [{ key, why: `${disabled.why} ${disabled.fix}` }] : [];
  });
  return { keys: all.filter((key) => !leftOut.some((each) => each.key === key)), leftOut, problems: [] };
}
