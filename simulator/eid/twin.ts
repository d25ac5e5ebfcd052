import * as z from "zod";
import { withBody } from "../controls/body.ts";
import { json } from "../exchange.ts";
import { Attempts } from "../faceid/attempts.ts";
import { cloudDialect } from "../faceid/envelope.ts";
import { FaceFlowControl } from "../faceid/flow-control.ts";
import { flowPageRoutes } from "../faceid/flow-page-routes.ts";
import { type Flow, Flows } from "../faceid/flows.ts";
import type { Twin } from "../twin.ts";
import { getEidToken } from "./get-eid-token.ts";
import { checkEidTokenStatus, getEidResult } from "./results.ts";
import { ENCODINGS, type Encoding, sealedIdentity } from "./sealed-identity.ts";

/** An EidToken starts and finishes a flow for 600 s (public doc 1007/54089). */
const EID_FLOWS = { file: "eid.jsonl", lifeMs: 600_000 } as const;

const PAGE = {
  path: "/eid",
  zh: "E证通核身",
  en: "eID verification",
  hasPage: () => true,
  returned: ({ token }: Flow) => [["token", token] as const],
};

const sealing = z.strictObject({ encoding: z.enum(ENCODINGS) });

/** E证通 (eID), which answers at FaceID's address. */
export const eidTwin: Twin = {
  apis: [
    { name: "GetEidToken", dialect: cloudDialect, perSecond: 100 },
    { name: "GetEidResult", dialect: cloudDialect, perSecond: 100 },
    { name: "CheckEidTokenStatus", dialect: cloudDialect, perSecond: 2_000 },
  ],
  open({ folder, clock, settings, origin, evidence }) {
    const flows = new Flows(folder, clock, EID_FLOWS);
    const attempts = new Attempts(flows, clock, settings.SIM_MAX_ATTEMPTS);
    let encoding: Encoding = "prefixed";
    return {
      actions: new Map([
        ["GetEidToken", getEidToken(flows, origin)],
        ["CheckEidTokenStatus", checkEidTokenStatus(flows)],
        [
          "GetEidResult",
          getEidResult(flows, evidence, (person, { issuedFor, token }) =>
            sealedIdentity(person, issuedFor, token, settings.SIM_EID_PUBLIC_KEY, encoding),
          ),
        ],
      ]),
      routes: [
        ...flowPageRoutes(PAGE, flows, attempts),
        {
          method: "POST",
          path: "/_sim/eid",
          handle: (incoming) =>
            withBody(incoming, sealing, (given) => {
              encoding = given.encoding;
              return json({ encoding });
            }),
        },
      ],
      controls: [new FaceFlowControl("EidToken", flows, attempts)],
    };
  },
};
