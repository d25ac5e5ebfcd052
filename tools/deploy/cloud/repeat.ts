/** Calls that are made again while trouble passes. */
import { setTimeout as pause } from "node:timers/promises";
import { ProviderError } from "../../../shared/providers/provider-error.ts";

const tries = 5;

/**
 * Sends, and sends again after trouble that passes or a code that says that something is busy. Each wait is twice as long as
 * the one before. Throws what the last try threw.
 *
 * @param firstWaitMs milliseconds before the first repetition
 */
export async function repeated<T>(send: () => Promise<T>, busy: RegExp, firstWaitMs: number): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await send();
    } catch (error) {
      const passes = error instanceof ProviderError && (error.retryable || busy.test(error.code ?? ""));
      if (!passes || attempt === tries) throw error;
      await pause(firstWaitMs * 2 ** (attempt - 1));
    }
  }
}
