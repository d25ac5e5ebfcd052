/** Runs all checks at once, each with a time limit, and reports them in their fixed order. */
import { MisconfiguredError } from "../../shared/runtime/errors.ts";
import { type Text, text, verbatim } from "../language/index.ts";
import { addressChecks } from "./addresses.ts";
import { type Check, type CheckResult, type Context, failed, notChecked, settingProblems } from "./check.ts";
import { databaseChecks } from "./database.ts";
import { deployedChecks } from "./deployed.ts";
import { eidChecks } from "./eid.ts";
import { evidenceStoreCheck } from "./evidence-store.ts";
import { settingsChecks } from "./settings.ts";
import { tencentCloudChecks } from "./tencent-cloud.ts";
import { wechatChecks } from "./wechat.ts";

/** The checks by what they are about, in the order of the report. */
export const groups: readonly (readonly [group: Text, checks: readonly Check[]])[] = [
  [text("Settings", "设置"), settingsChecks],
  [text("Tencent Cloud FaceID", "腾讯云人脸核身"), tencentCloudChecks],
  [verbatim("E证通"), eidChecks],
  [text("WeChat", "微信"), wechatChecks],
  [text("Database and archive", "数据库和归档"), [...databaseChecks, evidenceStoreCheck]],
  [text("Addresses", "地址"), [...addressChecks, ...deployedChecks]],
];

/** One check's result in the report. */
export type ReportLine = { readonly group: Text; readonly name: Text } & CheckResult;

/** A service that is slower keeps users waiting too. */
const CHECK_TIMEOUT_MS = 6_000;

/** Every line of the report, each as soon as those before it are there. */
export async function* runChecks(context: Context): AsyncGenerator<ReportLine> {
  const running = groups.flatMap(([group, checks]) =>
    checks.map((check) => ({ group, name: check.name, result: runWithTimeout(check, context) })),
  );
  for (const { group, name, result } of running) yield { group, name, ...(await result) };
}

async function runWithTimeout(check: Check, context: Context): Promise<CheckResult> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<CheckResult>((resolve) => {
    timer = setTimeout(() => resolve(timedOut), CHECK_TIMEOUT_MS);
  });
  try {
    return await Promise.race([timeout, Promise.resolve(context).then((given) => check.run(given))]);
  } catch (error) {
    return resultOfError(error);
  } finally {
    clearTimeout(timer);
  }
}

const timedOut = failed(
  text(
    `No answer came within ${CHECK_TIMEOUT_MS / 1000} seconds.`,
    `${CHECK_TIMEOUT_MS / 1000} 秒内没有回答。`,
  ),
  text(
    "Check the network between this machine and the service, then run the doctor again.",
    "请检查本机与该服务之间的网络，然后再次运行 doctor。",
  ),
);

/** Only the message of `MisconfiguredError` is known to repeat no value. */
function resultOfError(error: unknown): CheckResult {
  if (error instanceof MisconfiguredError) {
    return notChecked(
      settingProblems(error),
      text("Correct the settings that are named here first.", "请先更正这里列出的设置。"),
    );
  }
  const name = error instanceof Error ? error.name : typeof error;
  return failed(
    text(`The check itself broke off (${name}).`, `检查本身中断了（${name}）。`),
    text(
      "Run it again; if it stays, report it with this line: it is a fault of the doctor.",
      "请再运行一次；如果仍然如此，请附上这一行报告：这是 doctor 的缺陷。",
    ),
  );
}
