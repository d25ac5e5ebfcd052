import type { Twin } from "../twin.ts";
import { Attempts } from "./attempts.ts";
import { detectAuth } from "./detect-auth.ts";
import { cloudDialect } from "./envelope.ts";
import { FaceIdControl } from "./flow-control.ts";
import { Flows } from "./flows.ts";
import { Gateway } from "./gateway.ts";
import { getDetectInfoEnhanced } from "./get-detect-info-enhanced.ts";
import { h5Routes } from "./h5-routes.ts";

/** Tencent Cloud FaceID (慧眼), version 2018-03-01, with the page behind its H5 addresses. */
export const faceIdTwin: Twin = {
  apis: [
    { name: "DetectAuth", dialect: cloudDialect, perSecond: 100 },
    { name: "GetDetectInfoEnhanced", dialect: cloudDialect, perSecond: 100 },
  ],
  open(world) {
    const flows = new Flows(world.folder, world.clock);
    const attempts = new Attempts(flows, world.clock, world.settings.SIM_MAX_ATTEMPTS);
    const gateway = new Gateway(
      world,
      new Map([
        ["DetectAuth", detectAuth(flows, world.origin)],
        ["GetDetectInfoEnhanced", getDetectInfoEnhanced(flows, world.evidence)],
      ]),
    );
    return {
      routes: [
        { method: "POST", path: "/", handle: (incoming) => gateway.handle(incoming) },
        ...h5Routes(flows, attempts),
      ],
      control: new FaceIdControl(flows, attempts),
    };
  },
};
