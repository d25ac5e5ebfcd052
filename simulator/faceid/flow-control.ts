import { json, type Reply, refused } from "../exchange.ts";
import type { Completion, FlowControl, IssuedToken } from "../flow-control.ts";
import { type Attempts, parseOutcome } from "./attempts.ts";
import type { Flows } from "./flows.ts";
import { isCharged } from "./result-codes.ts";

/** The controls' view of the flows of FaceID or eID. */
export class FaceFlowControl implements FlowControl {
  constructor(
    private readonly kind: "BizToken" | "EidToken",
    private readonly flows: Flows,
    private readonly attempts: Attempts,
  ) {}

  issued(): IssuedToken[] {
    return [...this.flows.all()].map((flow) => ({
      token: flow.token,
      kind: this.kind,
      state: this.flows.stateOf(flow),
      createdAt: flow.createdAt,
      ...(flow.redirectUrl === undefined ? {} : { redirectUrl: flow.redirectUrl }),
    }));
  }

  complete({ token, outcome }: Completion): Reply | undefined {
    const flow = this.flows.find(token);
    if (!flow) return undefined;
    const parsed = parseOutcome(outcome, flow);
    if (parsed === undefined) {
      return refused(
        400,
        `"${outcome}" is no outcome. It is "passed", "other-person" or a result code such as "2006".`,
      );
    }
    const result = this.attempts.attempt(flow, parsed);
    if (!result.made) return refused(409, result.sentence);
    const { code, seq } = result.attempt;
    return json({
      token,
      state: this.flows.stateOf(result.flow),
      errCode: code,
      seq,
      charged: isCharged(code),
    });
  }
}
