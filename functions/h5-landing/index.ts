/**
 * `GET /h5/landing/{state}`: the browser comes back from the provider. Our own opaque state alone says which verification
 * it is. The query could be anybody's and is not read, except for the number of polls so far.
 */

import { observingChannels, observingSettings } from "../../shared/app/channels.ts";
import { databaseSettings, requestDatabase } from "../../shared/app/database.ts";
import { keyringOf, keySettings } from "../../shared/app/keys.ts";
import { landingModules } from "../../shared/channels/registry.ts";
import { readSettings } from "../../shared/config/read.ts";
import { httpSettings } from "../../shared/http/cors.ts";
import { httpFunction } from "../../shared/http/function.ts";
import { html } from "../../shared/http/response.ts";
import { type ReturnedResult, withResult } from "../../shared/http/return-url.ts";
import { databaseError } from "../../shared/runtime/database-error.ts";
import { log } from "../../shared/runtime/log.ts";
import { REQUEST_BUDGET_MS, timeBudget } from "../../shared/runtime/time-budget.ts";
import type { VerificationRow } from "../../shared/store/schema.ts";
import { claimObservation } from "../../shared/store/settlement.ts";
import { hashState } from "../../shared/verification/landing-state.ts";
import { canRetry } from "../../shared/verification/present.ts";
import { OBSERVATION_INTERVAL_MS, settleClaim } from "../../shared/verification/settle.ts";
import { type LandingView, landingPage, landingPolicy } from "./page.ts";

/** Settings this function reads. */
export const settingNames = [
  ...databaseSettings,
  ...keySettings,
  ...httpSettings,
  ...observingSettings(landingModules),
] as const;

/** How often the page asks again when the provider was not ready at the redirect. */
const MAX_POLLS = 3;

const statusOf: Readonly<Partial<Record<LandingView["outcome"], number>>> = {
  unknown: 404,
  unavailable: 503,
};

const resultOf = (row: VerificationRow): ReturnedResult => ({
  verificationId: row.id,
  status: row.status,
  attemptFailed: canRetry(row),
});

export const main_handler = httpFunction(() => {
  const settings = readSettings(settingNames);
  const db = requestDatabase(settings);
  const deps = {
    db,
    keyring: keyringOf(settings),
    channels: observingChannels(landingModules, settings, db),
  };

  const view = async (state: string, pollCount: number, signal: AbortSignal): Promise<LandingView> => {
    const claim = await claimObservation(db, { stateHash: hashState(state) }, OBSERVATION_INTERVAL_MS);
    if (!claim) return { outcome: "unknown" };
    const row = await settleClaim(deps, claim, "landing", { signal });
    const reason = row.reason ?? row.lastAttempt;
    // A failed try on a token that still allows others: the person sees why, the verification stays open.
    const outcome = row.status === "pending" && reason ? "failed" : row.status;
    if (outcome === "pending" && pollCount < MAX_POLLS)
      return { outcome, retryUrl: `?look=${pollCount + 1}` };
    return {
      outcome,
      ...(reason && { reason }),
      ...(row.returnUrl && { forwardTo: withResult(row.returnUrl, resultOf(row)) }),
    };
  };

  return {
    handlers: {
      landH5: async ({ request, parameters, remainingMs }) => {
        const given = Number(request.query.get("look")?.[0] ?? 0);
        const pollCount = Number.isInteger(given) && given > 0 ? given : 0;
        const signal = timeBudget(remainingMs, REQUEST_BUDGET_MS);
        const shown = await view(parameters["state"] ?? "", pollCount, signal).catch(
          (error: unknown): LandingView => {
            log.error({ error: databaseError(error) }, "a landing could not be answered");
            return { outcome: "unavailable" };
          },
        );
        return html(statusOf[shown.outcome] ?? 200, landingPage(shown), landingPolicy);
      },
    },
  };
});
