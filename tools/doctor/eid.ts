/** E证通: the MerchantId, and the key that opens what the eID centre says of a person. */
import { createECDH } from "node:crypto";
import { readSettings } from "../../shared/config/read.ts";
import { eid } from "../../shared/providers/tencent-cloud/index.ts";
import { type Check, failed, notChecked, notConfigured, passed } from "./check.ts";
import { callerProblem, tencentOptions, tryIssuing } from "./tencent-cloud.ts";

/** GetEidToken without a person, who would show the ID card later, is unbilled. */
const merchantIdCheck: Check = {
  name: "EID_MERCHANT_ID",
  run: async (context) => {
    const merchantId = context.env["EID_MERCHANT_ID"];
    if (!merchantId) return notConfigured(["EID_MERCHANT_ID"], "to verify people through E证通");
    const problem = await callerProblem(context);
    if (problem) return problem;
    if (context.issue) {
      return tryIssuing(() =>
        eid(tencentOptions(context)).getEidToken({ MerchantId: merchantId, Config: { InputType: "1" } }),
      );
    }
    return notChecked(
      "Tencent Cloud looks at it only when a token is issued.",
      "Run npm run doctor -- --issue, which issues an unbilled token that expires unused.",
    );
  },
};

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

/** In the order of the report. */
export const eidChecks: readonly Check[] = [merchantIdCheck, privateKeyCheck];
