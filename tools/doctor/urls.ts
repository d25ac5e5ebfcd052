/** The addresses in the configuration: well formed, reachable, with a valid certificate. */

import * as z from "zod";
import type { SettingName } from "../../shared/config/fields.ts";
import { readSettings, required } from "../../shared/config/read.ts";
import { MisconfiguredError } from "../../shared/runtime/errors.ts";
import { type Check, failed, notConfigured, type Outcome, passed } from "./check.ts";
import { type Context, isSimulated } from "./context.ts";
import { fetchWithin } from "./fetch.ts";

/** `PUBLIC_URL` without a slash at its end. Throws `Misconfigured`. */
export const publicUrl = ({ env }: Context): string => readSettings(["PUBLIC_URL"], env).PUBLIC_URL;

/** Whether phones of users could use an address: http is for the machine of a developer alone. */
const forThisMachineOnly = (url: string): boolean => url.startsWith("http:");

type UrlSetting = "PUBLIC_URL" | "AUTH_JWKS_URL" | "WEBHOOK_URL";

/** A check of one address: its form, its certificate, and what `read` finds in the answer. */
function addressCheck(
  name: UrlSetting,
  use: string,
  request: RequestInit,
  read: (response: Response, text: string) => Outcome,
): Check {
  const run = async (context: Context): Promise<Outcome> => {
    if (!context.env[name]) return notConfigured([name], use);
    const url = wellFormed(name, context);
    if (typeof url !== "string") return url;
    const { response, text, trouble } = await fetchWithin(url, request);
    return trouble ? failed(trouble.why, trouble.remedy) : read(response, text);
  };
  return { name, run };
}

function wellFormed(name: UrlSetting, context: Context): string | Outcome {
  const remedy = "Set it to an https address whose certificate browsers trust.";
  try {
    // Both settings of the webhook: one without the other is an error of its own.
    const url = required(readSettings([name, "WEBHOOK_SECRET"], context.env), name);
    return forThisMachineOnly(url) && !isSimulated(context)
      ? failed("It is http, on this machine: nobody else can reach it.", remedy)
      : url;
  } catch (error) {
    if (error instanceof MisconfiguredError) return failed(error.message.replace(/^Settings: /, ""), remedy);
    throw error;
  }
}

const publicUrlCheck = addressCheck(
  "PUBLIC_URL",
  "to the address of the deployed functions",
  {},
  ({ url, status }) =>
    status >= 502 && status <= 504
      ? failed(
          `A gateway answers ${status}: nothing is behind it.`,
          "Let the gateway or domain lead to the functions.",
        )
      : passed(url.startsWith("https:") ? "answers, with a valid certificate" : "answers"),
);

const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) });

const jwksCheck = addressCheck(
  "AUTH_JWKS_URL",
  "if an issuer of your own signs bearer tokens",
  {},
  ({ status }, text) => {
    const keys = status === 200 ? keysIn(text) : 0;
    return keys > 0
      ? passed(`${keys} key${keys === 1 ? "" : "s"}`)
      : failed(
          `It answers ${status} without a JSON Web Key Set.`,
          "Set it to the jwks_uri of the issuer, which must answer a GET without a login.",
        );
  },
);

function keysIn(text: string): number {
  try {
    return keySet.safeParse(JSON.parse(text)).data?.keys.length ?? 0;
  } catch {
    return 0;
  }
}

/** OPTIONS is nobody's event. Which answer it gets is the receiver's business: that there is one is what counts. */
const webhookCheck = addressCheck(
  "WEBHOOK_URL",
  "with WEBHOOK_SECRET to be told of results",
  { method: "OPTIONS" },
  ({ status }) =>
    status >= 502 && status <= 504
      ? failed(`A gateway answers ${status}: nothing is behind it.`, "Start the receiver of events.")
      : passed("answers; no event was sent"),
);

const returnUrlName: SettingName = "RETURN_URL_ORIGINS";

const returnUrlCheck: Check = {
  name: returnUrlName,
  run: ({ env }) => {
    if (!env[returnUrlName]) return notConfigured([returnUrlName], "to let callers name a returnUrl");
    try {
      const { size } = readSettings(["RETURN_URL_ORIGINS"], env).RETURN_URL_ORIGINS;
      return passed(`${size} origin${size === 1 ? "" : "s"}`);
    } catch (error) {
      if (!(error instanceof MisconfiguredError)) throw error;
      return failed(
        error.message.replace(/^Settings: /, ""),
        "Write scheme, host and port alone, without a path, such as https://shop.example.",
      );
    }
  },
};

/** The checks of addresses other than those of single functions. */
export const urlChecks: readonly Check[] = [publicUrlCheck, jwksCheck, webhookCheck, returnUrlCheck];
