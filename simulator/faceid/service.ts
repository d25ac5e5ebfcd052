import type { SimulatedService } from "../service.ts";
import { Attempts } from "./attempts.ts";
import { detectAuth } from "./detect-auth.ts";
import { cloudErrorFormat } from "./envelope.ts";
import { flowPageRoutes } from "./flow-pages.ts";
import { type Flow, Flows } from "./flows.ts";
import { getDetectInfoEnhanced } from "./get-detect-info-enhanced.ts";
import { getWeChatBillDetails } from "./get-wechat-bill-details.ts";
import { runsOnPage } from "./rules.ts";

/** A BizToken starts and finishes a flow for 7,200 s (public doc 1007/31816). */
export const FACEID_FLOWS = { file: "faceid.jsonl", lifetimeMs: 7_200_000 } as const;

const PAGE = {
  path: "/h5",
  zh: "人脸核身",
  en: "Face verification",
  hasPage: runsOnPage,
  returned: ({ token, extra }: Flow) =>
    extra === undefined
      ? [["BizToken", token] as const]
      : [["BizToken", token] as const, ["Extra", extra] as const],
};

/** Tencent Cloud FaceID (慧眼) for mini-programs and H5, version 2018-03-01, with the page of its H5 flows. */
export const faceIdService: SimulatedService = {
  apis: [
    { name: "DetectAuth", errorFormat: cloudErrorFormat, perSecond: 100 },
    { name: "GetDetectInfoEnhanced", errorFormat: cloudErrorFormat, perSecond: 100 },
    { name: "GetWeChatBillDetails", errorFormat: cloudErrorFormat, perSecond: 20 },
  ],
  start({ folder, clock, settings, origin, evidence }) {
    const flows = new Flows(folder, clock, FACEID_FLOWS);
    const attempts = new Attempts(flows, clock, settings.SIM_MAX_ATTEMPTS);
    return {
      actions: {
        DetectAuth: detectAuth(flows, origin),
        GetDetectInfoEnhanced: getDetectInfoEnhanced(flows, evidence),
        GetWeChatBillDetails: getWeChatBillDetails(flows, clock),
      },
      routes: flowPageRoutes(PAGE, flows, attempts, clock),
      controls: [attempts.control("BizToken")],
    };
  },
};
