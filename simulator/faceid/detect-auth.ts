import * as z from "zod";
import { CloudError } from "./envelope.ts";
import type { Flows } from "./flows.ts";
import type { Action } from "./gateway.ts";
import { encryption, intention, parsedParameters, refuseEncryption, required, text } from "./parameters.ts";
import { checkRule } from "./rules.ts";

/** The parameters of DetectAuth (public doc 1007/31816), with the lengths stated there. */
const parameters = z.strictObject({
  RuleId: required(64),
  TerminalType: text(64).optional(),
  IdCard: text(32).optional(),
  Name: text(32).optional(),
  RedirectUrl: text(1024).optional(),
  Extra: text(1024).optional(),
  ImageBase64: text(3 * 1024 * 1024).optional(),
  Encryption: encryption.optional(),
  ...intention(250),
  Config: z
    .strictObject({
      IntentionRecognition: z.boolean().optional(),
      IntentionType: z.int().min(0).max(1).optional(),
      MouthOpenRecognition: z.boolean().optional(),
      Speed: z.int().min(0).max(3).optional(),
    })
    .optional(),
});

/** DetectAuth: issues a BizToken and the address of its page, below `origin`. */
export function detectAuth(flows: Flows, origin: string): Action {
  return (body) => {
    const given = parsedParameters(body, parameters);
    return () => {
      checkRule(given.RuleId);
      refuseEncryption(given);
      const flow = flows.issue({
        issuedFor: given.RuleId,
        source: given.IdCard ? "given" : "card",
        ...identity(given.IdCard, given.Name),
        ...(given.RedirectUrl ? { redirectUrl: given.RedirectUrl } : {}),
        ...(given.Extra ? { extra: given.Extra } : {}),
      });
      return { Url: `${origin}/h5?token=${flow.token}`, BizToken: flow.token };
    };
  };
}

/** The identity that a flow is issued for: both parts or neither. With neither, the person shows an ID card. */
export function identity(idCard = "", name = ""): { idCard?: string; name?: string } {
  if (idCard === "" && name === "") return {};
  if (idCard === "" || name === "") {
    throw new CloudError("InvalidParameter", "Give IdCard and Name together, or neither.");
  }
  // The trailing X of an ID number has to be upper case (public doc 1007/31816).
  if (!/^[0-9A-Z]+$/.test(idCard)) throw new CloudError("InvalidParameter", "身份证号格式不正确。");
  return { idCard, name };
}
