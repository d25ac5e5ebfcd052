import type { Twin } from "../twin.ts";
import { Attempts } from "./attempts.ts";
import { detectAuth } from "./detect-auth.ts";
import { cloudDialect } from "./envelope.ts";
import { FaceFlowControl } from "./flow-control.ts";
import { flowPageRoutes } from "./flow-page-routes.ts";
import { Flows } from "./flows.ts";
import { getDetectInfoEnhanced } from "./get-detect-info-enhanced.ts";
import { runsOnPage } from "./rules.ts";

/** A BizToken starts and finishes a flow for 7,200 s (public doc 1007/31816). */
export const FACEID_FLOWS = { file: "faceid.jsonl", lifeMs: 7_200_000 } as const;

/** Tencent Cloud FaceID (慧眼) for mini-programs and H5, version 2018-03-01, with the page behind its H5 addresses. */
export const faceIdTwin: Twin = {
  apis: [
    { name: "DetectAuth", dialect: cloudDialect, perSecond: 100 },
    { name: "GetDetectInfoEnhanced", dialect: cloudDialect, perSecond: 100 },
  ],
  open({ folder, clock, settings, origin, evidence }) {
    const flows = new Flows(folder, clock, FACEID_FLOWS);
    const attempts = new Attempts(flows, clock, settings.SIM_MAX_ATTEMPTS);
    const page = {
      path: "/h5",
      zh: "人脸核身",
      en: "Face verification",
      hasPage: runsOnPage,
      returned: ({ token, extra }: { token: string; extra?: string | undefined }) =>
        extra === undefined
          ? [["BizToken", token] as const]
          : [["BizToken", token] as const, ["Extra", extra] as const],
    };
    return {
      actions: new Map([
        ["DetectAuth", detectAuth(flows, origin)],
        ["GetDetectInfoEnhanced", getDetectInfoEnhanced(flows, evidence)],
      ]),
      routes: flowPageRoutes(page, flows, attempts),
      controls: [new FaceFlowControl("BizToken", flows, attempts)],
    };
  },
};
