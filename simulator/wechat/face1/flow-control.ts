import { json, type Reply, refused } from "../../exchange.ts";
import type { Completion, FlowControl, IssuedToken } from "../../flow-control.ts";
import { OTHER_PERSON } from "../../people.ts";
import { isOpenid } from "../account.ts";
import { faceObstacle } from "../face-life.ts";
import type { Phone } from "../phone.ts";
import type { PushSender } from "../push/sender.ts";
import type { Face1Attempt, Face1Flow, Face1Flows } from "./flows.ts";

/** The controls' view of generation 1.0. */
export class Face1Control implements FlowControl {
  constructor(
    private readonly flows: Face1Flows,
    private readonly phone: Phone,
    private readonly sender: PushSender,
  ) {}

  issued(): IssuedToken[] {
    return [...this.flows.all()].map((flow) => ({
      token: flow.userIdKey,
      kind: "user_id_key",
      state: this.flows.stateOf(flow),
      createdAt: flow.createdAt,
    }));
  }

  complete({ token, outcome, push, openid = this.phone.holder() }: Completion): Reply | undefined {
    const flow = this.flows.find(token);
    if (!flow) return undefined;
    const identifyRet = identifyRetOf(outcome);
    if (identifyRet === undefined) {
      return refused(
        400,
        `"${outcome}" is no outcome. It is "passed", "other-person" or an identify_ret such as "10003".`,
      );
    }
    if (!isOpenid(openid)) return refused(400, "openid is up to 64 of A–Z, a–z, 0–9, _ and -.");
    const obstacle = faceObstacle(this.flows.stateOf(flow));
    if (obstacle !== undefined) return refused(409, obstacle);
    const person = outcome === "other-person" ? OTHER_PERSON : flow;
    const attempt = this.flows.addAttempt(flow, {
      identifyRet,
      openid,
      name: person.name,
      idCard: person.idCard,
    });
    const pushed = push && this.pushed(flow, attempt);
    return json({ verifyResult: attempt.verifyResult, identifyRet, openid, pushed });
  }

  /** Only flows with an `out_seq_no` are announced. */
  private pushed({ outSeqNo }: Face1Flow, { openid, verifyResult }: Face1Attempt): boolean {
    if (outSeqNo === undefined) return false;
    this.sender.send("face_identify", openid, { openid, out_seq_no: outSeqNo, verify_result: verifyResult });
    return true;
  }
}

function identifyRetOf(outcome: string): number | undefined {
  if (outcome === "passed" || outcome === "other-person") return 0;
  return /^[1-9]\d{0,8}$/.test(outcome) ? Number(outcome) : undefined;
}
