/** Requests at a steady pace, as people send them: the next is due whether or not the one before is answered. */
import { setTimeout as sleep } from "node:timers/promises";
import { quantile } from "../measure.ts";

/** One request of a {@link sendPaced}, in milliseconds. */
export interface Sent {
  /** When it was due, since the first one. */
  readonly dueMs: number;
  /** From then until its answer, so that a sender that is late hides nothing. */
  readonly tookMs: number;
}

/** Sends `count` requests, `perSecond` of them each second; answers when the last answer is there. */
export async function sendPaced(
  { perSecond, count }: { readonly perSecond: number; readonly count: number },
  send: (n: number) => Promise<unknown>,
): Promise<Sent[]> {
  const begun = performance.now();
  const answers: Promise<Sent>[] = [];
  for (let n = 0; n < count; n += 1) {
    const dueMs = (n * 1_000) / perSecond;
    const waitMs = begun + dueMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    const answer = send(n).then(() => ({ dueMs, tookMs: performance.now() - begun - dueMs }));
    answer.catch(() => {}); // it is thrown in the end, and must not end the process before
    answers.push(answer);
  }
  return Promise.all(answers);
}

/** What is printed of all requests. */
export function summaryOf(sent: readonly Sent[]): { p50: number; p99: number; most: number } {
  const took = sent.map(({ tookMs }) => tookMs);
  return {
    p50: quantile(took, 0.5),
    p99: quantile(took, 0.99),
    most: Math.max(...took),
  };
}

/** Looks again and again while something is done, the first time at once. */
export async function whileWatching<T>(
  everyMs: number,
  look: (sinceMs: number) => unknown,
  work: () => Promise<T>,
): Promise<T> {
  const begun = performance.now();
  let isOver = false;
  const watch = async () => {
    while (!isOver) {
      await look(performance.now() - begun);
      await sleep(everyMs);
    }
  };
  const [, done] = await Promise.all([
    watch(),
    work().finally(() => {
      isOver = true;
    }),
  ]);
  return done;
}
