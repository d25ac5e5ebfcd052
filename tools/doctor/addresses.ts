/** The addresses in the configuration: well formed, reachable, with a valid certificate. */
import * as z from "zod";
import { readSettings, required } from "../../shared/config/read.ts";
import {
  type Check,
  type CheckResult,
  type Context,
  failed,
  failedIfMisconfigured,
  isSimulated,
  notConfigured,
  passed,
} from "./check.ts";
import { type Answered, request } from "./request.ts";

/** One setting with an address, and how its receiver is asked without an effect. */
interface Address {
  readonly name: "PUBLIC_URL" | "AUTH_JWKS_URL" | "WEBHOOK_URL";
  readonly purpose: string;
  readonly method: "GET" | "OPTIONS";
  readonly resultOf: (answer: Answered) => CheckResult;
}

/** Passes if anything behind the gateway answers: which answer is its own business. */
const passedBehindGateway =
  (fix: string, detail: (url: string) => string) =>
  ({ response: { status, url } }: Answered): CheckResult =>
    status >= 502 && status <= 504
      ? failed(`A gateway answers ${status}: nothing is behind it.`, fix)
      : passed(detail(url));

const addresses: readonly Address[] = [
  {
    name: "PUBLIC_URL",
    purpose: "to the address of the deployed functions",
    method: "GET",
    resultOf: passedBehindGateway("Let the gateway or domain lead to the functions.", (url) =>
      url.startsWith("https:") ? "answers, with a valid certificate" : "answers",
    ),
  },
  {
    name: "AUTH_JWKS_URL",
    purpose: "if an issuer of your own signs bearer tokens",
    method: "GET",
    resultOf: ({ response: { status }, text }) => {
      const keys = status === 200 ? keysIn(text) : 0;
      return keys > 0
        ? passed(`${keys} key${keys === 1 ? "" : "s"}`)
        : failed(
            `It answers ${status} without a JSON Web Key Set.`,
            "Set it to the jwks_uri of the issuer, which must answer a GET without a login.",
          );
    },
  },
  {
    name: "WEBHOOK_URL",
    purpose: "with WEBHOOK_SECRET to be told of results",
    method: "OPTIONS", // no event has this method
    resultOf: passedBehindGateway("Start the receiver of events.", () => "answers; no event was sent"),
  },
];

const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) });

function keysIn(text: string): number {
  try {
    return keySet.safeParse(JSON.parse(text)).data?.keys.length ?? 0;
  } catch {
    return 0;
  }
}

const addressCheck = ({ name, purpose, method, resultOf }: Address): Check => ({
  name,
  run: async (context) => {
    if (!context.env[name]) return notConfigured([name], purpose);
    const form = formOf(name, context);
    if (form.result !== "passed") return form;
    const answer = await request(urlOf(name, context), { method });
    return answer.failure ?? resultOf(answer);
  },
});

/** Reads WEBHOOK_SECRET too, because WEBHOOK_URL without it is an error of its own. Throws `MisconfiguredError`. */
const urlOf = (name: Address["name"], { env }: Context): string =>
  required(readSettings([name, "WEBHOOK_SECRET"], env), name);

/** Users' phones can reach https only; http is for the developer's machine. */
function formOf(name: Address["name"], context: Context): CheckResult {
  const fix = "Set it to an https address whose certificate browsers trust.";
  return failedIfMisconfigured(fix, () =>
    urlOf(name, context).startsWith("http:") && !isSimulated(context)
      ? failed("It is http, on this machine: nobody else can reach it.", fix)
      : passed(),
  );
}

const returnOriginsCheck: Check = {
  name: "RETURN_URL_ORIGINS",
  run: ({ env }) => {
    if (!env["RETURN_URL_ORIGINS"]) {
      return notConfigured(["RETURN_URL_ORIGINS"], "to let callers name a returnUrl");
    }
    const fix = "Write scheme, host and port alone, without a path, such as https://shop.example.";
    return failedIfMisconfigured(fix, () => {
      const { size } = readSettings(["RETURN_URL_ORIGINS"], env).RETURN_URL_ORIGINS;
      return passed(`${size} origin${size === 1 ? "" : "s"}`);
    });
  },
};

/** Addresses other than those of single functions. */
export const addressChecks: readonly Check[] = [...addresses.map(addressCheck), returnOriginsCheck];
