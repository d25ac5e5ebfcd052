/**
 * `GET /h5/landing/{state}`: the browser comes back from the provider. Which verification it is follows from our own
 * opaque state alone; what the query says is anybody's word and is not even read, except for how often we looked already.
 */

import { tencentChannelSettings, tencentChannels } from "../../shared/app/channels.ts";
import { readSettings } from "../../shared/config/read.ts";
import { httpFunction } from "../../shared/http/function.ts";
import { html } from "../../shared/http/response.ts";
import { withResult } from "../../shared/http/return-url.ts";
import { log } from "../../shared/runtime/log.ts";
import { connect, databaseError } from "../../shared/store/database.ts";
import { findByState } from "../../shared/store/verifications.ts";
import { hashState } from "../../shared/verification/landing-state.ts";
import { settle } from "../../shared/verification/settle.ts";
import { type LandingView, landingPage, landingPolicy } from "./page.ts";

/** What this function must be told. */
export const settingNames = ["DATABASE_URL", "MASTER_KEY", ...tencentChannelSettings] as const;

/** How often the page looks again when the provider was not ready at the redirect. */
const looks = 3;

const statusOf: Readonly<Partial<Record<LandingView["outcome"], number>>> = {
  unknown: 404,
  unavailable: 503,
};

export const main_handler = httpFunction(() => {
  const settings = readSettings(settingNames);
  const { db } = connect(settings.DATABASE_URL);
  const deps = { db, keyring: settings.MASTER_KEY, channels: tencentChannels(settings) };

  const view = async (state: string, looked: number): Promise<LandingView> => {
    const found = await findByState(db, hashState(state));
    if (!found) return { outcome: "unknown" };
    const row = await settle(deps, found, "landing");
    const reason = row.reason ?? row.lastAttempt;
    // A failed try on a token that still allows others: the person sees why, the verification stays open.
    const outcome = row.status === "pending" && reason ? "failed" : row.status;
    if (outcome === "pending" && looked < looks) return { outcome, lookAgainAt: `?look=${looked + 1}` };
    return {
      outcome,
      ...(reason && { reason }),
      ...(row.returnUrl && { forwardTo: withResult(row.returnUrl, row.id, row.status) }),
    };
  };

  return {
    handlers: {
      landH5: async ({ request, parameters }) => {
        const looked = Number(request.query.get("look")?.[0] ?? 0);
        const times = Number.isInteger(looked) && looked > 0 ? looked : 0;
        const shown = await view(parameters["state"] ?? "", times).catch((error: unknown): LandingView => {
          log.error({ error: databaseError(error) }, "a landing could not be answered");
          return { outcome: "unavailable" };
        });
        return html(statusOf[shown.outcome] ?? 200, landingPage(shown), landingPolicy);
      },
    },
  };
});
