/** The RuleIds: do they belong to this account, and may they be used? */
import { ProviderError } from "../../shared/providers/provider-error.ts";
import { faceId } from "../../shared/providers/tencent-cloud/faceid.ts";
import { type Check, failed, notConfigured, type Outcome, passed } from "./check.ts";
import type { Context } from "./context.ts";
import { askTencent, ruleSettings, tencentInTheWay, tencentOptions } from "./tencent-probe.ts";

/** One check a RuleId. */
export const ruleIdChecks: readonly Check[] = ruleSettings.map((name) => ({
  name,
  run: async (context) => {
    const ruleId = context.env[name];
    if (!ruleId) return notConfigured([name], "to verify people through this channel");
    const inTheWay = await tencentInTheWay(context);
    if (inTheWay) return inTheWay;
    const refused = refusal(await askTencent(context, ruleId));
    return refused ?? (context.issue ? issued(context, ruleId) : passed("not refused; --issue makes sure"));
  },
}));

/** What a refused RuleId or MerchantId means; `undefined` if it is not what was refused. */
export function refusal({ code }: ProviderError): Outcome | undefined {
  switch (code) {
    case "InvalidParameterValue.RuleIdNotExist":
      return failed(
        `Tencent Cloud does not know it in the account of this key (${code}).`,
        "Copy it from the FaceID console of the account whose key this is; it must be approved there.",
      );
    case "InvalidParameterValue.RuleIdDisabled":
      return failed(`It is switched off (${code}).`, "Switch it on in the FaceID console.");
    default:
      return undefined;
  }
}

/**
 * DetectAuth without a person: unbilled, and the token expires unused. A rule that wants the person in the request refuses
 * such a call, which says that the rule exists.
 */
async function issued(context: Context, ruleId: string): Promise<Outcome> {
  try {
    await faceId(tencentOptions(context)).detectAuth({ RuleId: ruleId });
    return passed("it issued a token, which nobody will use");
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    if (error.kind === "rejected" && error.code?.startsWith("InvalidParameter")) {
      return passed("it is known, and wants the person in each request");
    }
    return refusal(error) ?? notIssued(error);
  }
}

/** A token was asked for and refused for a reason of its own. */
export const notIssued = (error: ProviderError): Outcome =>
  failed(
    `No token was issued (${error.message}).`,
    "Look the code up in the documentation of FaceID's API; if the service was only busy, run the doctor again.",
  );
