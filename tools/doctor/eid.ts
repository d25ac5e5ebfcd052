/** E证通: the MerchantId, and the key that opens what the eID centre says of a person. */
import { createECDH } from "node:crypto";
import { readSettings } from "../../shared/config/read.ts";
import { eid } from "../../shared/providers/tencent-cloud/index.ts";
import { text, verbatim } from "../language/index.ts";
import { type Check, failed, notChecked, notConfigured, passed } from "./check.ts";
import { callerProblem, tencentOptions, tryIssuing } from "./tencent-cloud.ts";

/** GetEidToken without a person, who would show the ID card later, is unbilled. */
const merchantIdCheck: Check = {
  name: verbatim("EID_MERCHANT_ID"),
  run: async (context) => {
    const merchantId = context.env["EID_MERCHANT_ID"];
    if (!merchantId)
      return notConfigured(["EID_MERCHANT_ID"], text("to verify people through E证通", "要使用 E证通"));
    const problem = await callerProblem(context);
    if (problem) return problem;
    if (context.issue) {
      return tryIssuing(() =>
        eid(tencentOptions(context)).getEidToken({ MerchantId: merchantId, Config: { InputType: "1" } }),
      );
    }
    return notChecked(
      text("Tencent Cloud looks at it only when a token is issued.", "腾讯云只在签发凭证时才检查它。"),
      text(
        "Run npx zhenren doctor --issue, which issues an unbilled token that expires unused.",
        "请运行 npx zhenren doctor --issue：签发一个不计费的凭证，不使用，任其过期。",
      ),
    );
  },
};

const privateKeyCheck: Check = {
  name: verbatim("EID_PRIVATE_KEY"),
  run: ({ env }) => {
    if (!env["EID_PRIVATE_KEY"]) {
      return notConfigured(
        ["EID_PRIVATE_KEY"],
        text(
          "to compare the person whom the eID centre names with the request",
          "要把 eID 中心给出的身份与请求比对",
        ),
      );
    }
    try {
      const { EID_PRIVATE_KEY: key = "" } = readSettings(["EID_PRIVATE_KEY"], env);
      const pair = createECDH("SM2");
      pair.setPrivateKey(key, "hex"); // refuses what is no number between 1 and the order of the curve
      return passed(
        text(
          `its public key begins with ${pair.getPublicKey("hex").slice(0, 16)}: compare it with the console`,
          `其公钥以 ${pair.getPublicKey("hex").slice(0, 16)} 开头：请与控制台比对`,
        ),
      );
    } catch {
      return failed(
        text("It is not an SM2 private key.", "它不是 SM2 私钥。"),
        text(
          "Give the private half of the pair whose public half was handed in: 64 hex digits, without 0x or a header.",
          "请填写与已提交公钥配对的私钥：64 位十六进制，不带 0x 或文件头。",
        ),
      );
    }
  },
};

/** In the order of the report. */
export const eidChecks: readonly Check[] = [merchantIdCheck, privateKeyCheck];
