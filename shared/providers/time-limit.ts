/** One time limit over a whole call to a provider: waiting, connecting, headers, body and a second try together. */
import { ProviderError } from "./provider-error.ts";

/** A time limit of the caller, besides the call's own. */
export interface CallOptions {
  /** Aborts when the caller's own time is up; the call then ends with `unavailable`. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `work` until it ends, `limitMs` is over or the caller's signal aborts, whichever comes first. `work` gets a signal
 * that frees its sockets, but is not waited for: a request that still queues for a socket ignores its signal.
 *
 * @throws ProviderError `unavailable` with code `timeout` if time was up; otherwise what `work` throws.
 */
export async function withinTimeLimit<T>(
  operation: string,
  limitMs: number,
  { signal }: CallOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const startedAt = performance.now();
  const controller = new AbortController();
  const timeIsUp = new Promise<never>((_, reject) => {
    controller.signal.addEventListener("abort", () => {
      const hint = `no complete answer within ${Math.round(performance.now() - startedAt)} ms`;
      reject(new ProviderError("unavailable", operation, { code: "timeout", hint }));
    });
  });
  const abort = () => controller.abort();
  const timer = setTimeout(abort, limitMs);
  signal?.addEventListener("abort", abort);
  try {
    if (signal?.aborted) abort();
    else return await Promise.race([timeIsUp, work(controller.signal)]);
    return await timeIsUp;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}
