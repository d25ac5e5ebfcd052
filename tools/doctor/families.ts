/** All checks, in the order of the report. */
import type { Family } from "./check.ts";
import { clockCheck } from "./clock.ts";
import { databaseChecks } from "./database.ts";
import { deployedChecks } from "./deployed.ts";
import { eidChecks } from "./eid.ts";
import { masterKeyCheck } from "./master-key.ts";
import { pushCheck } from "./push.ts";
import { ruleIdChecks } from "./rule-ids.ts";
import { settingsChecks } from "./settings.ts";
import { tencentKeyCheck } from "./tencent-key.ts";
import { urlChecks } from "./urls.ts";
import { vaultCheck } from "./vault.ts";
import { wechatChecks } from "./wechat.ts";

/** Every family of checks. */
export const families: readonly Family[] = [
  { title: "Settings", checks: settingsChecks },
  { title: "Tencent Cloud FaceID", checks: [clockCheck, tencentKeyCheck, ...ruleIdChecks] },
  { title: "E证通", checks: eidChecks },
  { title: "WeChat", checks: [...wechatChecks, pushCheck] },
  { title: "Database and archive", checks: [...databaseChecks, masterKeyCheck, vaultCheck] },
  { title: "Addresses", checks: [...urlChecks, ...deployedChecks] },
];
