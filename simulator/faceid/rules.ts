import { CloudError } from "./envelope.ts";

/** The business flows of the simulated account by RuleId, and where they run. */
const RULES: ReadonlyMap<string, "mini-program" | "h5"> = new Map([
  ["sim-rule-mini-program", "mini-program"],
  ["sim-rule-h5", "h5"],
]);

/** Throws for a RuleId that this account does not have. */
export function checkRule(ruleId: string): void {
  if (!RULES.has(ruleId)) throw new CloudError("InvalidParameterValue.RuleIdNotExist", "RuleId不存在。");
}

/** Whether flows with this RuleId run on an H5 page; the others run inside a mini-program. */
export function runsOnPage(ruleId: string): boolean {
  return RULES.get(ruleId) === "h5";
}
