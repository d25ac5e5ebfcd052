/** `GET /verifications/{id}` answers what is known; `POST …/finish` asks the provider first and believes no client. */
import { observingChannels, observingSettings } from "../../shared/app/channels.ts";
import { databaseSettings, requestDatabase } from "../../shared/app/database.ts";
import { keyringOf, keySettings } from "../../shared/app/keys.ts";
import { channelModules } from "../../shared/channels/registry.ts";
import { readSettings } from "../../shared/config/read.ts";
import { authenticator, authSettings, type Caller, canSee } from "../../shared/http/auth.ts";
import { httpSettings } from "../../shared/http/cors.ts";
import { httpFunction } from "../../shared/http/function.ts";
import { NotFoundError } from "../../shared/runtime/errors.ts";
import { REQUEST_BUDGET_MS, timeBudget } from "../../shared/runtime/time-budget.ts";
import type { VerificationRow } from "../../shared/store/schema.ts";
import { claimObservation } from "../../shared/store/settlement.ts";
import { findVerification } from "../../shared/store/verifications.ts";
import { presentVerification } from "../../shared/verification/present.ts";
import { reportByClient } from "../../shared/verification/report.ts";
import { giveUp, OBSERVATION_INTERVAL_MS, settle, settleClaim } from "../../shared/verification/settle.ts";

/** Settings this function reads. */
export const settingNames = [
  ...databaseSettings,
  ...keySettings,
  ...httpSettings,
  ...authSettings,
  ...observingSettings(channelModules),
] as const;

export const main_handler = httpFunction(() => {
  const settings = readSettings(settingNames);
  const db = requestDatabase(settings);
  const deps = {
    db,
    keyring: keyringOf(settings),
    channels: observingChannels(channelModules, settings, db),
  };

  const noSuch = () => new NotFoundError({ en: "There is no such verification.", zh: "没有这次核身。" });

  /**
   * Another owner's looks like none, so that ids cannot be guessed. Of an erased one the owner is not known any more: a backend
   * alone sees what is left.
   */
  const maySee = (caller: Caller, { issued, erasedAt, owner }: VerificationRow) =>
    Boolean(issued || erasedAt) && canSee(caller, owner);

  /** The verification, if the caller may see it. */
  const visible = async (caller: Caller, id = "") => {
    const row = await findVerification(db, id);
    if (!row || !maySee(caller, row)) throw noSuch();
    return row;
  };

  /** The same, read together with the claim to ask the provider. */
  const claimed = async (caller: Caller, id = "") => {
    const owner = caller.scope === "backend" ? undefined : caller.subject;
    const claim = await claimObservation(db, { id, owner }, OBSERVATION_INTERVAL_MS);
    if (!claim || !maySee(caller, claim.row)) throw noSuch();
    return claim;
  };

  return {
    authenticate: authenticator(settings),
    handlers: {
      readVerification: async ({ parameters, caller }) =>
        presentVerification(await visible(caller, parameters["id"])),
      finishVerification: async ({ body, parameters, caller, remainingMs }) => {
        const signal = timeBudget(remainingMs, REQUEST_BUDGET_MS);
        if (!body.giveUp && body.verifyResult === undefined) {
          const claim = await claimed(caller, parameters["id"]);
          return presentVerification(await settleClaim(deps, claim, "finish", { signal }));
        }
        const row = await visible(caller, parameters["id"]);
        if (body.verifyResult !== undefined) await reportByClient(deps, row, body.verifyResult);
        const settled = await (body.giveUp
          ? giveUp(deps, row, { signal })
          : settle(deps, row, "finish", { signal }));
        return presentVerification(settled);
      },
    },
  };
});
