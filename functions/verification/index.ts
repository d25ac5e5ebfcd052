/** `GET /verifications/{id}` answers what is known; `POST …/finish` asks the provider first, whatever the client claims. */
import * as z from "zod";
import { allChannels, channelSettings } from "../../shared/app/channels.ts";
import { readSettings } from "../../shared/config/read.ts";
import { authenticator, authSettings, type Caller, canSee } from "../../shared/http/auth.ts";
import { readJson } from "../../shared/http/body.ts";
import { httpFunction } from "../../shared/http/function.ts";
import { json } from "../../shared/http/response.ts";
import { NotFoundError } from "../../shared/runtime/errors.ts";
import { connect } from "../../shared/store/database.ts";
import { findVerification } from "../../shared/store/verifications.ts";
import { presentVerification } from "../../shared/verification/present.ts";
import { reportByClient } from "../../shared/verification/report.ts";
import { settle } from "../../shared/verification/settle.ts";

/** What this function must be told. */
export const settingNames = ["DATABASE_URL", "MASTER_KEY", ...authSettings, ...channelSettings] as const;

/** `verifyResult` is WeChat 1.0's handle to a result; other channels need nothing from the client. */
const finishRequest = z.strictObject({ verifyResult: z.string().min(1).max(2_048).optional() });

export const main_handler = httpFunction(() => {
  const settings = readSettings(settingNames);
  const { db } = connect(settings.DATABASE_URL);
  const deps = { db, keyring: settings.MASTER_KEY, channels: allChannels(settings, db) };

  /** Another owner's verification looks like none, so that ids cannot be tried out. */
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
      finishVerification: async ({ request, parameters, caller }) => {
        const { verifyResult } = readJson(request, finishRequest);
        const row = await visible(caller, parameters["id"]);
        if (verifyResult !== undefined) await reportByClient(deps, row, verifyResult);
        return json(200, presentVerification(await settle(deps, row, "finish")));
      },
    },
  };
});
