import { randomBytes } from "node:crypto";
import * as z from "zod";
import type { Clock } from "../clock.ts";
import { errorReply, json, type Reply } from "../exchange.ts";
import { type Completion, type FlowControl, FlowStore, flowControl } from "../flows.ts";
import { magicOutcome } from "../magic-names.ts";
import { OTHER_PERSON } from "../people.ts";
import { isOpenid } from "./account.ts";
import type { LoginSession } from "./login.ts";
import type { PushSender } from "./push/sender.ts";

/** A `user_id_key` and a `verify_id` live 3,600 s (`expires_in` of v1 and v2). */
export const FACE_LIFETIME_S = 3_600;

/** What differs between the flows of v1 and v2 of the face API. */
const VERSIONS = {
  v1: { kind: "user_id_key", prefix: "sim_key_", code: "identify_ret", passed: 0, otherPerson: 0 },
  // The identity is bound to the `verify_id`, so another face does not match it.
  v2: { kind: "verify_id", prefix: "sim_verify_", code: "verify_ret", passed: 10_000, otherPerson: 10_004 },
} as const;

const attempt = z.object({
  at: z.number(),
  /** `identify_ret` or `verify_ret`. */
  code: z.number(),
  /** What v1 gives the mini-program; v2 has no such value and leaves it unused. */
  verifyResult: z.string(),
  openid: z.string(),
  name: z.string(),
  idCard: z.string(),
});

const flow = z.object({
  /** The `user_id_key` or `verify_id`. */
  token: z.string(),
  createdAt: z.number(),
  name: z.string(),
  idCard: z.string(),
  /** The user whom the token is bound to; v2 only. */
  openid: z.string().optional(),
  outSeqNo: z.string().optional(),
  attempts: z.array(attempt),
  finished: z.boolean(),
});

/** One attempt of a person. */
export type WechatAttempt = z.infer<typeof attempt>;
/** A `user_id_key` or `verify_id` with what became of it. */
export type WechatFlow = z.infer<typeof flow>;

/** The flows of one version of the face API. */
export class WechatFlows extends FlowStore<WechatFlow> {
  constructor(
    folder: string,
    clock: Clock,
    private readonly version: keyof typeof VERSIONS,
  ) {
    super(folder, clock, { file: `wechat-${version}.jsonl`, lifetimeMs: FACE_LIFETIME_S * 1_000 }, flow);
  }

  /** Issues a token; like the real service it does not check whether name and number match. */
  issue(given: Pick<WechatFlow, "name" | "idCard" | "openid" | "outSeqNo">): WechatFlow {
    const token = `${VERSIONS[this.version].prefix}${randomBytes(48).toString("base64url")}`;
    return this.put({ ...given, token, createdAt: this.clock.now(), attempts: [], finished: false });
  }

  /** The controls of these flows; v1 announces its results with a push. */
  control(session: LoginSession, sender: PushSender): FlowControl {
    const complete = (flow: WechatFlow, completion: Completion) =>
      this.complete(flow, completion, session.currentOpenid, sender);
    return flowControl(VERSIONS[this.version].kind, this, complete);
  }

  private complete(
    flow: WechatFlow,
    { outcome: wanted, push, openid: chosen }: Completion,
    currentOpenid: string,
    sender: PushSender,
  ): Reply {
    const { code: field, passed } = VERSIONS[this.version];
    const magic = wanted === "passed" ? magicOutcome("wechat", flow.name, flow.attempts.length) : undefined;
    const outcome = magic ?? wanted;
    const code = this.codeOf(outcome);
    if (code === undefined) {
      return errorReply(
        400,
        `"${outcome}" is not an outcome. Use "passed", "other-person" or a code of ${field} such as "10003".`,
      );
    }
    const openid = flow.openid ?? chosen ?? currentOpenid;
    if (!isOpenid(openid)) return errorReply(400, "openid is up to 64 of A–Z, a–z, 0–9, _ and -.");
    const rejection = this.rejection(flow);
    if (rejection) return errorReply(409, rejection.message);
    const { name, idCard } = outcome === "other-person" ? OTHER_PERSON : flow;
    const verifyResult = `sim_result_${randomBytes(48).toString("base64url")}`;
    const attempt = { at: this.clock.now(), code, verifyResult, openid, name, idCard };
    const state = this.stateOf(this.addAttempt(flow, attempt, code === passed));
    if (this.version === "v2") return json({ token: flow.token, state, verifyRet: code });
    const pushed = push && sendResult(sender, flow, attempt);
    return json({ token: flow.token, state, verifyResult, identifyRet: code, openid, pushed });
  }

  private codeOf(outcome: string): number | undefined {
    const { passed, otherPerson } = VERSIONS[this.version];
    if (outcome === "passed") return passed;
    if (outcome === "other-person") return otherPerson;
    return /^[1-9]\d{0,8}$/.test(outcome) ? Number(outcome) : undefined;
  }
}

/** Sends the push of v1, for flows with an `out_seq_no`; returns whether it was sent. */
function sendResult(sender: PushSender, { outSeqNo }: WechatFlow, attempt: WechatAttempt): boolean {
  if (outSeqNo === undefined) return false;
  const { openid, verifyResult } = attempt;
  sender.send("face_identify", openid, { openid, out_seq_no: outSeqNo, verify_result: verifyResult });
  return true;
}
