/**
 * The event that face verification 1.0 sends (developers.weixin.qq.com/community/business/doc/000442d352c1202bd498ecb105c00d,
 * 后台消息推送). It is a reason to ask, not a result.
 */
import * as z from "zod/mini";
import type { PushFields } from "./message.ts";
import { PushError } from "./push-error.ts";

/** What the event says. `verifyResult` is secret: whoever holds it can ask for the result. */
export interface FaceIdentifyEvent {
  /** The `gh_` id of the mini-program. */
  readonly toUserName: string;
  readonly openid: string;
  readonly outSeqNo: string;
  readonly verifyResult: string;
}

const event = z.object({
  ToUserName: z.string().check(z.minLength(1), z.maxLength(128)),
  openid: z.string().check(z.minLength(1), z.maxLength(128)),
  out_seq_no: z.string().check(z.minLength(1), z.maxLength(128)),
  verify_result: z.string().check(z.minLength(1), z.maxLength(2048)),
});

/**
 * Reads a `face_identify` event; `undefined` for every other message.
 *
 * @throws PushError `body` with `isFromWechat` if it is such an event and a field is missing.
 */
export function faceIdentifyEvent(fields: PushFields): FaceIdentifyEvent | undefined {
  if (fields["MsgType"] !== "event" || fields["Event"] !== "face_identify") return undefined;
  const parsed = event.safeParse(fields);
  if (!parsed.success) throw new PushError("body", true);
  const { ToUserName, openid, out_seq_no, verify_result } = parsed.data;
  return { toUserName: ToUserName, openid, outSeqNo: out_seq_no, verifyResult: verify_result };
}
