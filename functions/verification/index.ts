/** `GET /verifications/{id}` answers what is known; `POST …/finish` asks the provider first and believes no client. */
import * as z from "zod";
import { observingChannels, observingSettings } from "../../shared/app/channels.ts";
import { channelModules } from "../../shared/channels/registry.ts";
import { readSettings } from "../../shared/config/read.ts";
import { authenticator, authSettings, type Caller, canSee } from "../../shared/http/auth.ts";
import { readJson } from "../../shared/http/body.ts";
import { httpFunction } from "../../shared/http/function.ts";
import { json } from "../../shared/http/response.ts";
import { NotFoundError } from "../../shared/runtime/errors.ts";
import { REQUEST_BUDGET_MS, timeBudget } from "../../shared/runtime/time-budget.ts";
import { connect } from "../../shared/store/database.ts";
import { findVerification } from "../../shared/store/verifications.ts";
import { presentVerification } from "../../shared/verification/present.ts";
import { reportByClient } from "../../shared/verification/report.ts";
import { settle } from "../../shared/verification/settle.ts";

/** Settings this function reads. */
export const settingNames = [
  "DATABASE_URL",
  "MASTER_KEY",
  ...authSettings,
  ...observingSettings(channelModules),
] as const;

/** `verifyResult` is the result token of WeChat v1; other channels need nothing from the client. */
const finishRequest = z.strictObject({ verifyResult: z.string().min(1).max(2_048).optional() });

export const main_handler = httpFunction(() => {
  const settings = readSettings(settingNames);
  const { db } = connect(settings.DATABASE_URL);
  const deps = {
    db,
    keyring: settings.MASTER_KEY,
    channels: observingChannels(channelModules, settings, db),
  };

  /** The verification, if the caller may see it. Another owner's looks like none, so that ids cannot be guessed. */
  const visible = async (caller: Caller, id = "") => {
    const row = await findVerification(db, id);
    if (!row?.issued || !canSee(caller, row.owner)) throw new NotFoundError("There is no such verification.");
    return row;
  };

  return {
    authenticate: authenticator(settings),
    handlers: {
      readVerification: async ({ parameters, caller }) =>
        json(200, presentVerification(await visible(caller, parameters["id"]))),
      finishVerification: async ({ request, parameters, caller, remainingMs }) => {
        const { verifyResult } = readJson(request, finishRequest);
        const row = await visible(caller, parameters["id"]);
        if (verifyResult !== undefined) await reportByClient(deps, row, verifyResult);
        const signal = timeBudget(remainingMs, REQUEST_BUDGET_MS);
        return json(200, presentVerification(await settle(deps, row, "finish", { signal })));
      },
    },
  };
});
