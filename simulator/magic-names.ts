/** Names that decide how a flow ends when the person passes, so that any client meets any outcome without a control. */

/** What happens instead of a pass; of several, one per attempt, and the last for all that follow. */
export interface MagicName {
  /** The name in the token request. Any ID number goes with it. */
  readonly name: string;
  /** FaceID and eID: result codes of doc 1007/31082. */
  readonly faceid: readonly ("passed" | "other-person" | number)[];
  /** WeChat: `identify_ret` of v1 and `verify_ret` of v2. */
  readonly wechat: readonly string[];
}

/** The table in README; a test compares the two. */
export const MAGIC_NAMES: readonly MagicName[] = [
  { name: "李不符", faceid: [2006], wechat: ["10003"] },
  { name: "赵不像", faceid: [2016], wechat: ["10004"] },
  { name: "王换人", faceid: ["other-person"], wechat: ["other-person"] },
  { name: "钱翻拍", faceid: [1002], wechat: ["10002"] },
  { name: "孙太暗", faceid: [1201], wechat: ["10010"] },
  { name: "周查无", faceid: [2005], wechat: ["10026"] },
  { name: "吴超时", faceid: [1001], wechat: ["10020"] },
  { name: "郑再试", faceid: [1004, "passed"], wechat: ["10002", "passed"] },
];

/** What a pass of this person becomes on the attempt after `attempts` others; `undefined` for everybody else. */
export function magicOutcome<Service extends "faceid" | "wechat">(
  service: Service,
  name: string | undefined,
  attempts: number,
): MagicName[Service][number] | undefined {
  const outcomes = MAGIC_NAMES.find((magic) => magic.name === name)?.[service];
  return outcomes?.[attempts] ?? outcomes?.at(-1);
}
