import { json, type Reply, refused } from "../../exchange.ts";
import type { Completion, FlowControl, IssuedToken } from "../../flow-control.ts";
import { faceObstacle } from "../face-life.ts";
import type { Face2Flows } from "./flows.ts";

const PASSED = 10_000;
/** The identity is bound into the `verify_id`, so another face does not match it. */
const FACE_MISMATCH = 10_004;

/** The controls' view of generation 2.0. */
export class Face2Control implements FlowControl {
  constructor(private readonly flows: Face2Flows) {}

  issued(): IssuedToken[] {
    return [...this.flows.all()].map((flow) => ({
      token: flow.verifyId,
      kind: "verify_id",
      state: this.flows.stateOf(flow),
      createdAt: flow.createdAt,
    }));
  }

  complete({ token, outcome }: Completion): Reply | undefined {
    const flow = this.flows.find(token);
    if (!flow) return undefined;
    const verifyRet = verifyRetOf(outcome);
    if (verifyRet === undefined) {
      return refused(
        400,
        `"${outcome}" is no outcome. It is "passed", "other-person" or a verify_ret such as "10003".`,
      );
    }
    const obstacle = faceObstacle(this.flows.stateOf(flow));
    if (obstacle !== undefined) return refused(409, obstacle);
    const changed = this.flows.addAttempt(flow, verifyRet);
    return json({ token, state: this.flows.stateOf(changed), verifyRet });
  }
}

function verifyRetOf(outcome: string): number | undefined {
  if (outcome === "passed") return PASSED;
  if (outcome === "other-person") return FACE_MISMATCH;
  return /^[1-9]\d{0,8}$/.test(outcome) ? Number(outcome) : undefined;
}
