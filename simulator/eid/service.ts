import * as z from "zod";
import { json, withBody } from "../exchange.ts";
import { Attempts } from "../faceid/attempts.ts";
import { cloudErrorFormat } from "../faceid/envelope.ts";
import { flowPageRoutes } from "../faceid/flow-pages.ts";
import { type Flow, Flows } from "../faceid/flows.ts";
import type { SimulatedService } from "../service.ts";
import { checkEidTokenStatus, getEidResult } from "./get-eid-result.ts";
import { getEidToken } from "./get-eid-token.ts";
import { ENCODINGS, type Encoding, sealedIdentity } from "./sealed-identity.ts";

/** An EidToken starts and finishes a flow for 600 s (public doc 1007/54089). */
const EID_FLOWS = { file: "eid.jsonl", lifetimeMs: 600_000 } as const;

const PAGE = {
  path: "/eid",
  zh: "E证通核身",
  en: "eID verification",
  hasPage: () => true,
  returned: ({ token }: Flow) => [["token", token] as const],
};

const encodingChange = z.strictObject({ encoding: z.enum(ENCODINGS) });

/** E证通 (eID), which uses the address of FaceID. */
export const eidService: SimulatedService = {
  apis: [
    { name: "GetEidToken", errorFormat: cloudErrorFormat, perSecond: 100 },
    { name: "GetEidResult", errorFormat: cloudErrorFormat, perSecond: 100 },
    { name: "CheckEidTokenStatus", errorFormat: cloudErrorFormat, perSecond: 2_000 },
  ],
  start({ folder, clock, settings, origin, evidence }) {
    const flows = new Flows(folder, clock, EID_FLOWS);
    const attempts = new Attempts(flows, clock, settings.SIM_MAX_ATTEMPTS);
    let encoding: Encoding = "prefixed";
    return {
      actions: {
        GetEidToken: getEidToken(flows, origin),
        CheckEidTokenStatus: checkEidTokenStatus(flows),
        GetEidResult: getEidResult(flows, evidence, (person, { issuedFor, token }) =>
          sealedIdentity(person, issuedFor, token, settings.SIM_EID_PUBLIC_KEY, encoding),
        ),
      },
      routes: [
        ...flowPageRoutes(PAGE, flows, attempts, clock),
        {
          method: "POST",
          path: "/_sim/eid",
          handle: (incoming) =>
            withBody(incoming, encodingChange, (given) => {
              encoding = given.encoding;
              return json({ encoding });
            }),
        },
      ],
      controls: [attempts.control("EidToken")],
    };
  },
};
