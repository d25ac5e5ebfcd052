/** E证通: the MerchantId, and the key that opens what the eID centre says of a person. */
import { createECDH } from "node:crypto";
import { readSettings } from "../../shared/config/read.ts";
import { ProviderError } from "../../shared/providers/provider-error.ts";
import { eid } from "../../shared/providers/tencent-cloud/eid.ts";
import { type Check, failed, notChecked, notConfigured, type Outcome, passed } from "./check.ts";
import type { Context } from "./context.ts";
import { notIssued, refusal } from "./rule-ids.ts";
import { tencentInTheWay, tencentOptions } from "./tencent-probe.ts";

const merchantIdCheck: Check = {
  name: "EID_MERCHANT_ID",
  run: async (context) => {
    const merchantId = context.env["EID_MERCHANT_ID"];
    if (!merchantId) return notConfigured(["EID_MERCHANT_ID"], "to verify people through E证通");
    const inTheWay = await tencentInTheWay(context);
    if (inTheWay) return inTheWay;
    if (context.issue) return issued(context, merchantId);
    return notChecked(
      "Tencent Cloud looks at it only when a token is issued.",
      "Run npm run doctor -- --issue, which issues an unbilled token that expires unused.",
    );
  },
};

/** GetEidToken without a person, who would show the ID card later: unbilled. */
async function issued(context: Context, merchantId: string): Promise<Outcome> {
  try {
    await eid(tencentOptions(context)).getEidToken({ MerchantId: merchantId, Config: { InputType: "1" } });
    return passed("it issued a token, which nobody will use");
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return refusal(error) ?? notIssued(error);
  }
}

const privateKeyCheck: Check = {
  name: "EID_PRIVATE_KEY",
  run: ({ env }) => {
    if (!env["EID_PRIVATE_KEY"]) {
      return notConfigured(
        ["EID_PRIVATE_KEY"],
        "to compare the person whom the eID centre names with the request",
      );
    }
    try {
      const { EID_PRIVATE_KEY: key = "" } = readSettings(["EID_PRIVATE_KEY"], env);
      const pair = createECDH("SM2");
      pair.setPrivateKey(key, "hex"); // refuses what is no number between 1 and the order of the curve
      return passed(
        `its public key begins with ${pair.getPublicKey("hex").slice(0, 16)}: compare it with the console`,
      );
    } catch {
      return failed(
        "It is not an SM2 private key.",
        "Give the private half of the pair whose public half was handed in: 64 hex digits, without 0x or a header.",
      );
    }
  },
};

/** Both checks. */
export const eidChecks: readonly Check[] = [merchantIdCheck, privateKeyCheck];
