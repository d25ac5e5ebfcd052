/** Tencent Cloud FaceID: this machine's clock, the key that signs calls, the account behind it, and the RuleIds. */
import { randomUUID } from "node:crypto";
import { tencentCloud, tencentSettings } from "../../shared/channels/faceid/tencent-cloud.ts";
import { settingsToCheck } from "../../shared/channels/tooling.ts";
import { readSettings } from "../../shared/config/read.ts";
import { ProviderError } from "../../shared/providers/provider-error.ts";
import { faceId } from "../../shared/providers/tencent-cloud/index.ts";
import { MisconfiguredError } from "../../shared/runtime/errors.ts";
import { diagnose } from "../diagnose/index.ts";
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
    ? notChecked("Tencent Cloud did not get as far as looking at it.", "Fix the line about the key first.")
    : undefined;
}

/** The keys of a role exist only in the cloud. */
function missingKeys({ env }: Context): CheckResult | undefined {
  if (env["TENCENT_SECRET_ID"] || env["TENCENTCLOUD_SECRETID"]) return undefined;
  if (!env["SCF_ROLE"])
    throw new MisconfiguredError([{ setting: "TENCENT_SECRET_ID", message: "is missing" }]);
  return notChecked(
    "The functions use the role SCF_ROLE, whose keys only they get.",
    "For this check run the doctor with TENCENT_SECRET_ID and TENCENT_SECRET_KEY of the same account.",
  );
}

/** The simulator's clock can be moved, so only its answer to the signature counts. */
const clockCheck: Check = {
  name: "clock of this machine against Tencent Cloud",
  run: async (context) => {
    const simulated = isSimulated(context);
    if (simulated || context.env["TENCENT_SECRET_ID"]) {
      const { code, kind } = await askTencent(context);
      const expired = code === CLOCK_CODE ? failedWith("faceid", code) : undefined;
      if (expired) return expired;
      if (simulated) return kind === "unavailable" ? unknownTime : passed("the signature's time is accepted");
    }
    return compareClock(ENDPOINT);
  },
};

const unknownTime = notChecked("The service does not answer.", "Fix the line about the key first.");

/** Compares this machine's clock with the `Date` header of an address, which is exact to a second. */
export async function compareClock(url: string): Promise<CheckResult> {
  const sentAtMs = Date.now();
  const { response } = await request(url, { method: "HEAD" });
  const theirsMs = Date.parse(response?.headers.get("date") ?? "");
  if (Number.isNaN(theirsMs)) return unknownTime;
  const seconds = Math.round((theirsMs + 500 - (sentAtMs + Date.now()) / 2) / 1000);
  return Math.abs(seconds) > MAX_CLOCK_DIFFERENCE_S
    ? failed(
        `This machine is ${Math.abs(seconds)} s ${seconds > 0 ? "behind" : "ahead"}.`,
        diagnose("faceid", CLOCK_CODE)?.fix ?? "",
      )
    : passed(`${Math.abs(seconds)} s apart`);
}

const keyCheck: Check = {
  name: "TENCENT_SECRET_ID and TENCENT_SECRET_KEY",
  run: async (context) => {
    const missing = missingKeys(context);
    if (missing) return missing;
    const error = await askTencent(context);
    const { code = "", kind, message } = error;
    if (code === CLOCK_CODE) {
      return notChecked("The signature's time was refused first.", "Fix the line about the clock first.");
    }
    if (kind === "rate-limited") {
      return notChecked(`Tencent Cloud is asked too often (${code}).`, "Run the doctor again in a minute.");
    }
    if (!isAboutTheCaller(error)) return passed("the signature is accepted");
    return (
      failedWith("faceid", code) ??
      failed(
        `Tencent Cloud does not answer as documented (${message}).`,
        "Check the network of this machine and the status page of Tencent Cloud, then run the doctor again.",
      )
    );
  },
};

const ruleIdChecks = RULE_SETTINGS.map(
  (name): Check => ({
    name,
    run: async (context) => {
      const ruleId = context.env[name];
      if (!ruleId) return notConfigured([name], "to verify people through this channel");
      const problem = (await callerProblem(context)) ?? refusal(await askWithRuleId(context, ruleId));
      if (problem) return problem;
      return context.issue ? issueWithRuleId(context, ruleId) : passed("not refused; --issue makes sure");
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
    "it is known, and needs the person in each request",
  );

/** Issues a token and says what came of it; `ifInputRejected` is the detail where a refused input is a pass. */
export async function tryIssuing(
  issue: () => Promise<unknown>,
  ifInputRejected?: string,
): Promise<CheckResult> {
  try {
    await issue();
    return passed("it issued a token, which nobody will use");
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    const { kind, code = "", message } = error;
    if (ifInputRejected && kind === "rejected" && code.startsWith("InvalidParameter")) {
      return passed(ifInputRejected);
    }
    return (
      refusal(error) ??
      failed(
        `No token was issued (${message}).`,
        "Look the code up in the documentation of FaceID's API; if the service was only busy, run the doctor again.",
      )
    );
  }
}

/** In the order of the report. */
export const tencentCloudChecks: readonly Check[] = [clockCheck, keyCheck, ...ruleIdChecks];
