/** Tencent Cloud FaceID: this machine's clock, the key that signs calls, the account behind it, and the RuleIds. */
import { randomUUID } from "node:crypto";
import { tencentCloud, tencentSettings } from "../../shared/channels/faceid/tencent-cloud.ts";
import { settingsToCheck } from "../../shared/channels/tooling.ts";
import { readSettings } from "../../shared/config/read.ts";
import { ProviderError } from "../../shared/providers/provider-error.ts";
import { faceId } from "../../shared/providers/tencent-cloud/index.ts";
import { MisconfiguredError } from "../../shared/runtime/errors.ts";
import { diagnose } from "../diagnose/index.ts";
import { type Text, text, verbatim } from "../language/index.ts";
import {
  type Check,
  type CheckResult,
  type Context,
  failed,
  failedWith,
  isSimulated,
  MAX_CLOCK_DIFFERENCE_S,
  notChecked,
  notConfigured,
  oncePerRun,
  passed,
} from "./check.ts";
import { request } from "./request.ts";

const ENDPOINT = "https://faceid.tencentcloudapi.com/";

/** The RuleIds of all channels; the key is tried with the first that is set. */
const RULE_SETTINGS = settingsToCheck("rule-id");

/** Asked where no RuleId is configured: the answer then tells of the key alone. */
const NO_RULE_ID = "0";

const FIX_KEY_FIRST = text("Fix the line about the key first.", "请先解决密钥那一行。");

const CLOCK_CODE = "AuthFailure.SignatureExpire";

/** How Tencent Cloud is reached with this configuration. Throws `MisconfiguredError`. */
export const tencentOptions = ({ env }: Context) => tencentCloud(readSettings(tencentSettings, env));

/**
 * GetDetectInfoEnhanced with a made-up BizToken. It is free of charge (Tencent doc 1007/41957), and the answer is always an
 * error: about the signature, the account, the RuleId, or at last the token.
 */
const askWithRuleId = oncePerRun(async (context, ruleId): Promise<ProviderError> => {
  const operation = "GetDetectInfoEnhanced";
  const query = { BizToken: randomUUID(), RuleId: ruleId, InfoType: "1" };
  try {
    await faceId(tencentOptions(context)).getDetectInfoEnhanced(query);
    return new ProviderError("malformed", operation, { hint: "a result for a token that does not exist" });
  } catch (error) {
    if (error instanceof ProviderError) return error;
    throw error;
  }
});

/** What Tencent Cloud says with the first RuleId that is configured. Throws `MisconfiguredError`. */
const askTencent = (context: Context): Promise<ProviderError> =>
  askWithRuleId(context, RULE_SETTINGS.map((name) => context.env[name]).find(Boolean) ?? NO_RULE_ID);

/** Whether an error is about who asks and when, so that what was asked was not looked at. */
const isAboutTheCaller = ({ code = "", kind }: ProviderError): boolean =>
  /^(AuthFailure|UnauthorizedOperation|Ip(InBlacklist|NotInWhitelist))/.test(code) ||
  ["unavailable", "rate-limited", "malformed"].includes(kind);

/** Why nothing can be learnt about a RuleId or a MerchantId; `undefined` if Tencent Cloud looks at it. */
export async function callerProblem(context: Context): Promise<CheckResult | undefined> {
  const keys = missingKeys(context);
  if (keys) return keys;
  return isAboutTheCaller(await askTencent(context))
    ? notChecked(
        text("Tencent Cloud did not get as far as looking at it.", "腾讯云还没有检查到它。"),
        FIX_KEY_FIRST,
      )
    : undefined;
}

/** The keys of a role exist only in the cloud. */
function missingKeys({ env }: Context): CheckResult | undefined {
  if (env["TENCENT_SECRET_ID"] || env["TENCENTCLOUD_SECRETID"]) return undefined;
  if (!env["SCF_ROLE"])
    throw new MisconfiguredError([{ setting: "TENCENT_SECRET_ID", message: "is missing" }]);
  return notChecked(
    text(
      "The functions use the role SCF_ROLE, whose keys only they get.",
      "函数使用角色 SCF_ROLE，其密钥只有函数能得到。",
    ),
    text(
      "For this check run the doctor with TENCENT_SECRET_ID and TENCENT_SECRET_KEY of the same account.",
      "要做这项检查，请用同一账号的 TENCENT_SECRET_ID 和 TENCENT_SECRET_KEY 运行 doctor。",
    ),
  );
}

/** The simulator's clock can be moved, so only its answer to the signature counts. */
const clockCheck: Check = {
  name: text("clock of this machine against Tencent Cloud", "本机与腾讯云的时钟"),
  run: async (context) => {
    const simulated = isSimulated(context);
    if (simulated || context.env["TENCENT_SECRET_ID"]) {
      const { code, kind } = await askTencent(context);
      const expired = code === CLOCK_CODE ? failedWith("faceid", code) : undefined;
      if (expired) return expired;
      if (simulated)
        return kind === "unavailable"
          ? unknownTime
          : passed(text("the signature's time is accepted", "签名的时间被接受"));
    }
    return compareClock(ENDPOINT);
  },
};

const unknownTime = notChecked(text("The service does not answer.", "该服务没有回答。"), FIX_KEY_FIRST);

/** Compares this machine's clock with the `Date` header of an address, which is exact to a second. */
export async function compareClock(url: string): Promise<CheckResult> {
  const sentAtMs = Date.now();
  const { response } = await request(url, { method: "HEAD" });
  const theirsMs = Date.parse(response?.headers.get("date") ?? "");
  if (Number.isNaN(theirsMs)) return unknownTime;
  const seconds = Math.round((theirsMs + 500 - (sentAtMs + Date.now()) / 2) / 1000);
  return Math.abs(seconds) > MAX_CLOCK_DIFFERENCE_S
    ? failed(
        text(
          `This machine is ${Math.abs(seconds)} s ${seconds > 0 ? "behind" : "ahead"}.`,
          `本机时钟${seconds > 0 ? "慢" : "快"} ${Math.abs(seconds)} 秒。`,
        ),
        diagnose("faceid", CLOCK_CODE)?.fix ?? verbatim(""),
      )
    : passed(text(`${Math.abs(seconds)} s apart`, `相差 ${Math.abs(seconds)} 秒`));
}

const keyCheck: Check = {
  name: text("TENCENT_SECRET_ID and TENCENT_SECRET_KEY", "TENCENT_SECRET_ID 和 TENCENT_SECRET_KEY"),
  run: async (context) => {
    const missing = missingKeys(context);
    if (missing) return missing;
    const error = await askTencent(context);
    const { code = "", kind, message } = error;
    if (code === CLOCK_CODE) {
      return notChecked(
        text("The signature's time was refused first.", "签名的时间先被拒绝了。"),
        text("Fix the line about the clock first.", "请先解决时钟那一行。"),
      );
    }
    if (kind === "rate-limited") {
      return notChecked(
        text(`Tencent Cloud is asked too often (${code}).`, `对腾讯云的请求过于频繁（${code}）。`),
        text("Run the doctor again in a minute.", "请一分钟后再运行 doctor。"),
      );
    }
    if (!isAboutTheCaller(error)) return passed(text("the signature is accepted", "签名被接受"));
    return (
      failedWith("faceid", code) ??
      failed(
        text(
          `Tencent Cloud does not answer as documented (${message}).`,
          `腾讯云的回答与文档不符（${message}）。`,
        ),
        text(
          "Check the network of this machine and the status page of Tencent Cloud, then run the doctor again.",
          "请检查本机网络和腾讯云的状态页面，然后再次运行 doctor。",
        ),
      )
    );
  },
};

const ruleIdChecks = RULE_SETTINGS.map(
  (name): Check => ({
    name: verbatim(name),
    run: async (context) => {
      const ruleId = context.env[name];
      if (!ruleId)
        return notConfigured([name], text("to verify people through this channel", "要使用这种核身方式"));
      const problem = (await callerProblem(context)) ?? refusal(await askWithRuleId(context, ruleId));
      if (problem) return problem;
      return context.issue
        ? issueWithRuleId(context, ruleId)
        : passed(text("not refused; --issue makes sure", "没有被拒绝；用 --issue 可以确定"));
    },
  }),
);

/** The result if it is the RuleId or MerchantId that was refused. */
const refusal = ({ code = "" }: ProviderError): CheckResult | undefined =>
  /^InvalidParameterValue\.RuleId/.test(code) ? failedWith("faceid", code) : undefined;

/**
 * DetectAuth without a person: unbilled, and the token expires unused. A rule that needs the person in each request refuses
 * the call, which shows that the rule exists.
 */
const issueWithRuleId = (context: Context, ruleId: string): Promise<CheckResult> =>
  tryIssuing(
    () => faceId(tencentOptions(context)).detectAuth({ RuleId: ruleId }),
    text("it is known, and needs the person in each request", "它存在，并要求每次请求都带身份"),
  );

/** Issues a token and says what came of it; `ifInputRejected` is the detail where a refused input is a pass. */
export async function tryIssuing(
  issue: () => Promise<unknown>,
  ifInputRejected?: Text,
): Promise<CheckResult> {
  try {
    await issue();
    return passed(text("it issued a token, which nobody will use", "签发了一个无人使用的凭证"));
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    const { kind, code = "", message } = error;
    if (ifInputRejected && kind === "rejected" && code.startsWith("InvalidParameter")) {
      return passed(ifInputRejected);
    }
    return (
      refusal(error) ??
      failed(
        text(`No token was issued (${message}).`, `没有签发凭证（${message}）。`),
        text(
          "Look the code up in the documentation of FaceID's API; if the service was only busy, run the doctor again.",
          "请在人脸核身的 API 文档中查找该错误码；如果只是服务繁忙，请再次运行 doctor。",
        ),
      )
    );
  }
}

/** In the order of the report. */
export const tencentCloudChecks: readonly Check[] = [clockCheck, keyCheck, ...ruleIdChecks];
