import * as z from "zod";
import type { Clock } from "../clock.ts";
import { withBody } from "../controls/body.ts";
import { json, type Reply, type Route } from "../exchange.ts";
import type { Evidence } from "../media/evidence.ts";
import { WeChatError } from "./envelope.ts";
import { queriedResult } from "./face1/calls.ts";
import type { Face1Flows } from "./face1/flows.ts";
import { queried } from "./face2/calls.ts";
import type { Face2Flows } from "./face2/flows.ts";
import type { Body } from "./request.ts";

/** `getimage`, one address for both generations; it needs a permit of its own, which is not given at first. */
export class Images {
  private permitted = false;

  constructor(
    private readonly evidence: Evidence,
    private readonly clock: Clock,
    private readonly face1: Face1Flows,
    private readonly face2: Face2Flows,
  ) {}

  /** The picture of a passed verification, as binary; 48001 without the permit, 84003 when nobody passed. */
  get(body: Body): Reply {
    if (!this.permitted) throw new WeChatError(48001, "api unauthorized");
    const seed = "verify_result" in body ? this.passedFace1(body) : this.passedFace2(body);
    if (seed === undefined) throw new WeChatError(84003, "user info does not exist");
    return { status: 200, headers: { "content-type": "image/jpeg" }, body: this.evidence.bestFrame(seed, 0) };
  }

  /** The control that gives or takes the permit. */
  permissionRoute(): Route {
    const permissions = z.strictObject({ getimage: z.boolean() });
    return {
      method: "POST",
      path: "/_sim/wechat/permissions",
      handle: (incoming) =>
        withBody(incoming, permissions, (given) => {
          this.permitted = given.getimage;
          return json(given);
        }),
    };
  }

  private passedFace1(body: Body): string | undefined {
    const { attempt } = queriedResult(this.face1, this.clock, body);
    return attempt.identifyRet === 0 ? attempt.verifyResult : undefined;
  }

  private passedFace2(body: Body): string | undefined {
    const flow = queried(this.face2, body);
    return flow.finished ? flow.verifyId : undefined;
  }
}
