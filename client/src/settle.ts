/** Asks the server what became of a verification until it knows, or nobody wants to wait any more. */
import { type Api, sleep } from "./api.ts";
import type { Verification } from "./contract.ts";
import { ZhenrenError } from "./error.ts";
import type { Ending } from "./platform.ts";
import type { Result } from "./result.ts";
import { ending, type Language } from "./texts.ts";

/** After the person has left, a result that is there comes at once; 1 s and 2 s are for what is still being uploaded. */
const TRIES_AFTER_LEAVING = 3;
const MAX_WAIT_S = 30;

/** A verification whose result is wanted. It is kept over restarts, so there is nothing personal in it. */
export interface Open {
  id: string;
  /** Tries that the server has told of before. */
  attempts: number;
  /** WeChat v1's result token, until the server has it. */
  verifyResult?: string;
}

/** What settling needs. */
export interface Settling {
  api: Api;
  language: Language;
  deadlineSeconds: number;
  /** Wakes a waiting poll, such as when the app is shown again. */
  onWake(wake: () => void): void;
  /** Keeps the changed state. */
  save(open: Open): void;
}

/** What the server's answer means; `undefined` while it means nothing yet. */
export function resultOf(
  answer: Verification,
  attemptsBefore: number,
  language: Language,
): Result | undefined {
  const { status, verificationId, canRetry, nextStep, lastAttempt } = answer;
  if (status === "passed") return ending("passed", "passed", language, verificationId);
  if (status !== "pending") {
    const { code = status, message } = answer.reason || {};
    return {
      status: "failed",
      canRetry: nextStep === "restart",
      message: message ? message[language] : code,
      code,
      verificationId,
    };
  }
  if (answer.attempts <= attemptsBefore || !lastAttempt) return undefined;
  const { code, message } = lastAttempt;
  return { status: "failed", canRetry, message: message[language], code, verificationId };
}

/** A result, and whether the token it belongs to may be started with once more. */
export interface Settled {
  result: Result;
  isTokenAlive: boolean;
}

/** Polls `finish` after 1, 2, 4 … 30 s until the deadline. Throws only what another request cannot mend. */
export async function settle(open: Open, { how, code }: Ending, settling: Settling): Promise<Settled> {
  const { api, language, deadlineSeconds, save } = settling;
  const until = Date.now() + deadlineSeconds * 1_000;
  let answer: Verification | undefined;
  const settledAs = (result: Result): Settled => ({
    result,
    // Whether an EidToken or a verify_id opens a second time after the person has left, no vendor says; a BizToken does.
    isTokenAlive:
      answer?.status === "pending" &&
      (answer.canRetry || (answer.channel === "mini-program" && result.status === "cancelled")),
  });
  for (let tried = 1; ; tried++) {
    let wait = Math.min(2 ** (tried - 1), MAX_WAIT_S);
    try {
      const { verifyResult } = open;
      answer = await api.finish(open.id, verifyResult === undefined ? {} : { verifyResult });
      const result = resultOf(answer, open.attempts, language);
      if (verifyResult !== undefined || answer.attempts !== open.attempts) {
        delete open.verifyResult;
        open.attempts = answer.attempts;
        save(open);
      }
      if (result) return settledAs(result);
      if (how === "cancelled" || how === "unsupported")
        return settledAs(ending(how, code || "cancelled", language, open.id));
    } catch (error) {
      if (!(error instanceof ZhenrenError) || !error.isTemporary) throw error;
      wait = Math.max(wait, error.retryAfterSeconds);
    }
    const hasEnough = how !== "finished" && tried >= TRIES_AFTER_LEAVING;
    if (hasEnough || Date.now() + wait * 1_000 > until) {
      if (!answer || how === "finished") return settledAs(ending("pending", "pending", language, open.id));
      return settledAs(ending("cancelled", code || "not_finished", language, open.id));
    }
    await Promise.race([sleep(wait), new Promise<void>((wake) => settling.onWake(wake))]);
  }
}
