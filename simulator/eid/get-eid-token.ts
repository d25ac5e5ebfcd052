import * as z from "zod";
import { identity } from "../faceid/detect-auth.ts";
import { CloudError } from "../faceid/envelope.ts";
import type { Flow, Flows } from "../faceid/flows.ts";
import type { Action } from "../faceid/gateway.ts";
import {
  encryption,
  intention,
  parsedParameters,
  refuseEncryption,
  required,
  text,
} from "../faceid/parameters.ts";

/** The simulated merchant of E证通. */
const MERCHANT_ID = "sim-merchant";

/** The parameters of GetEidToken (public doc 1007/54089). */
const parameters = z.strictObject({
  MerchantId: required(64),
  IdCard: text(32).optional(),
  Name: text(32).optional(),
  Extra: text(1024).optional(),
  RedirectUrl: text(1024).optional(),
  Encryption: encryption.optional(),
  Config: z
    .strictObject({
      InputType: z.enum(["1", "2", "3", "4"]).optional(),
      UseIntentionVerify: z.boolean().optional(),
      IntentionMode: z.enum(["1", "2", "3"]).optional(),
      ...intention(150),
      IntentionRecognition: z.boolean().optional(),
      IsSupportHMTResidentPermitOCR: z.boolean().optional(),
      MouthOpenRecognition: z.boolean().optional(),
      Speed: z.int().min(0).max(3).optional(),
    })
    .optional(),
});

type Config = NonNullable<z.infer<typeof parameters>["Config"]>;

const SOURCES = { "1": "card", "2": "card-front", "3": "typed", "4": "given" } as const;

/** GetEidToken: issues an EidToken and the address of its page, below `origin`. */
export function getEidToken(flows: Flows, origin: string): Action {
  return (body) => {
    const given = parsedParameters(body, parameters);
    const config = given.Config ?? {};
    const source = SOURCES[config.InputType ?? "1"];
    return () => {
      if (given.MerchantId !== MERCHANT_ID) {
        throw new CloudError("InvalidParameterValue.RuleIdNotExist", "MerchantId不存在。");
      }
      refuseEncryption(given);
      const person = identity(given.IdCard, given.Name);
      if (source === "given" && person.idCard === undefined) {
        throw new CloudError("InvalidParameter", "IdCard and Name are required with InputType 4.");
      }
      const flow = flows.issue({
        issuedFor: given.MerchantId,
        source,
        ...person,
        ...intentionMode(config),
        ...(given.RedirectUrl ? { redirectUrl: given.RedirectUrl } : {}),
        ...(given.Extra ? { extra: given.Extra } : {}),
      });
      return { EidToken: flow.token, Url: `${origin}/eid?token=${flow.token}` };
    };
  };
}

/** The intention check, where one is asked for; its text, questions or actions must be given. */
function intentionMode(config: Config): Pick<Flow, "intention"> {
  if (config.UseIntentionVerify !== true) return {};
  const mode = config.IntentionMode ?? "1";
  const content = {
    "1": config.IntentionVerifyText,
    "2": config.IntentionQuestions,
    "3": config.IntentionActions,
  };
  if (content[mode]) return { intention: mode };
  throw new CloudError("InvalidParameter", `Nothing is given for the intention mode ${mode}.`);
}
