/** All checks, in the order of the report. */
import type { Family } from "./check.ts";
import { clockCheck } from "./clock.ts";
import { eidChecks } from "./eid.ts";
import { ruleIdChecks } from "./rule-ids.ts";
import { settingsChecks } from "./settings.ts";
import { tencentKeyCheck } from "./tencent-key.ts";

/** Every family of checks. */
export const families: readonly Family[] = [
  { title: "Settings", checks: settingsChecks },
  { title: "Tencent Cloud FaceID", checks: [clockCheck, tencentKeyCheck, ...ruleIdChecks] },
  { title: "E证通", checks: eidChecks },
];
