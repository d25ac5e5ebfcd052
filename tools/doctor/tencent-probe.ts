/** Questions to FaceID that cost nothing and leave nothing: results of tokens that nobody was ever given. */
import { randomUUID } from "node:crypto";
import { tencentCloud, tencentSettings } from "../../shared/channels/faceid/tencent-cloud.ts";
import { settingsToCheck } from "../../shared/channels/tooling.ts";
import { readSettings } from "../../shared/config/read.ts";
import { ProviderError } from "../../shared/providers/provider-error.ts";
import { faceId } from "../../shared/providers/tencent-cloud/faceid.ts";
import { MisconfiguredError } from "../../shared/runtime/errors.ts";
import { notChecked, type Outcome } from "./check.ts";
import { type Context, oncePerRun } from "./context.ts";

/** How Tencent Cloud is reached with this configuration. Throws `Misconfigured`. */
export const tencentOptions = ({ env }: Context) => tencentCloud(readSettings(tencentSettings, env));

/** Asked where no RuleId is configured: the answer then tells of the key alone. */
const noRule = "0";

/** The RuleIds of all channels; the first that is set is the one by which the key is tried. */
export const ruleSettings = settingsToCheck("rule-id");

/**
 * GetDetectInfoEnhanced with a made-up BizToken. Free of charge (Tencent doc 1007/41957), and the answer is always an error,
 * which is what tells: of the signature, the account, the RuleId, or at last of the token.
 */
const ask = oncePerRun(async (context, ruleId): Promise<ProviderError> => {
  const operation = "GetDetectInfoEnhanced";
  try {
    await faceId(tencentOptions(context)).getDetectInfoEnhanced({
      BizToken: randomUUID(),
      RuleId: ruleId,
      InfoType: "1",
    });
    return new ProviderError("malformed", operation, { hint: "a result for a token that does not exist" });
  } catch (error) {
    if (error instanceof ProviderError) return error;
    throw error;
  }
});

/** What Tencent says with a RuleId, or, without one, with the first that is configured. Throws `Misconfigured`. */
export function askTencent(context: Context, ruleId?: string): Promise<ProviderError> {
  const configured = ruleSettings.map((name) => context.env[name]).find(Boolean);
  return ask(context, ruleId ?? configured ?? noRule);
}

/** Whether an error is about who asks and when, so that what was asked was not looked at. */
const isAboutTheCaller = ({ code = "", kind }: ProviderError): boolean =>
  /^(AuthFailure|UnauthorizedOperation|Ip(InBlacklist|NotInWhitelist))/.test(code) ||
  kind === "unavailable" ||
  kind === "rate-limited" ||
  kind === "malformed";

/** Why nothing can be learnt about a RuleId or a MerchantId; `undefined` if Tencent looks at what it is asked. */
export async function tencentInTheWay(context: Context): Promise<Outcome | undefined> {
  const keys = withoutKeys(context);
  if (keys) return keys;
  return isAboutTheCaller(await askTencent(context))
    ? notChecked("Tencent Cloud did not get as far as looking at it.", "Mend the line about the key first.")
    : undefined;
}

/** Keys of a role exist in the cloud alone. */
export function withoutKeys({ env }: Context): Outcome | undefined {
  if (env["TENCENT_SECRET_ID"] || env["TENCENTCLOUD_SECRETID"]) return undefined;
  if (!env["SCF_ROLE"])
    throw new MisconfiguredError([{ setting: "TENCENT_SECRET_ID", message: "is missing" }]);
  return notChecked(
    "The functions use the role SCF_ROLE, whose keys only they get.",
    "For this check run the doctor with TENCENT_SECRET_ID and TENCENT_SECRET_KEY of the same account.",
  );
}
