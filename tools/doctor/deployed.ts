/** What is deployed behind PUBLIC_URL: every HTTP function is asked something that it refuses in its own words. */
import { randomUUID } from "node:crypto";
import * as z from "zod";
import { pushSettingNames, pushSettings } from "../../shared/app/push.ts";
import { channelModules } from "../../shared/channels/registry.ts";
import { readSettings } from "../../shared/config/read.ts";
import { pathTo, type RouteName, routes } from "../../shared/contract/routes.ts";
import { pushSignature } from "../../shared/providers/wechat/index.ts";
import { type Check, type CheckResult, type Context, failed, notChecked, passed } from "./check.ts";
import { type Answered, request } from "./request.ts";
import { disabled } from "./settings.ts";

/** A harmless request to a function, and what its response says if it comes from this function and the function works. */
interface Probe {
  readonly route: RouteName;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The query, signed where the signature is what is checked. Throws `MisconfiguredError`. */
  readonly query?: (context: Context) => Readonly<Record<string, string>>;
  /** The result; `undefined` if this is not the response of the function that was asked. */
  readonly resultOf: (answer: Answered, query: Readonly<Record<string, string>>) => CheckResult | undefined;
}

const problemSchema = z.object({ code: z.string(), requestId: z.string() });

/** The `code` of a problem response of this bundle. */
function problemCode({ response, text }: Answered): string | undefined {
  if (!response.headers.get("content-type")?.startsWith("application/problem+json")) return undefined;
  try {
    return problemSchema.safeParse(JSON.parse(text)).data?.code;
  } catch {
    return undefined;
  }
}

const passedIfRefused = (status: number, code: string) => (answer: Answered) =>
  answer.response.status === status && problemCode(answer) === code ? passed() : undefined;

const withoutBearer = (route: RouteName, more: Partial<Probe> = {}): Probe => ({
  route,
  resultOf: passedIfRefused(401, "unauthenticated"),
  ...more,
});

/** A probe of every HTTP function. None has an effect, costs anything, or reaches a provider. */
const probes: readonly Probe[] = [
  { route: "login", body: "{}", resultOf: passedIfRefused(400, "invalid_request") },
  ...channelModules.map(({ route }) => withoutBearer(route, { body: "{}" })),
  withoutBearer("readVerification", { parameters: { id: "doctor" } }),
  {
    route: "landH5",
    parameters: { state: "doctor" },
    resultOf: ({ response, text }) => {
      const [, outcome] = / data-testid="landing" data-outcome="(\w+)"/.exec(text) ?? [];
      if (response.status === 404 && outcome === "unknown") return passed();
      return outcome === "unavailable" ? inTrouble("it cannot look a verification up") : undefined;
    },
  },
  {
    route: "echoPush",
    query: signedEcho,
    resultOf: (answer, { echostr }) => {
      if (answer.response.status === 200 && answer.text === echostr) return passed("knows the Token");
      if (problemCode(answer) !== "forbidden") return undefined;
      return failed(
        "It does not accept a signature made with this Token.",
        "Deploy wechat-push with the Token that is set here; if it has it, its clock is five minutes off.",
      );
    },
  },
];

/** The request that WeChat's console sends when the address of the push is saved there. */
function signedEcho({ env }: Context): Record<string, string> {
  const { tokens } = pushSettings(readSettings(pushSettingNames, env));
  const [timestamp, nonce, echostr] = [String(Math.floor(Date.now() / 1000)), randomUUID(), randomUUID()];
  return { signature: pushSignature([tokens[0] ?? "", timestamp, nonce]), timestamp, nonce, echostr };
}

/** One check per HTTP function. */
export const deployedChecks: readonly Check[] = probes.map((probe) => {
  const name = routes[probe.route].function;
  return {
    name: `${name} behind PUBLIC_URL`,
    run: (context) => disabled(name, context.env) ?? runProbe(probe, context),
  };
});

async function runProbe(probe: Probe, context: Context): Promise<CheckResult> {
  const { route, parameters, body } = probe;
  const { PUBLIC_URL: base } = readSettings(["PUBLIC_URL"], context.env);
  const query = probe.query?.(context) ?? {};
  const answer = await request(`${base}${pathTo(route, parameters)}?${new URLSearchParams(query)}`, {
    method: routes[route].method,
    ...(body && { body, headers: { "content-type": "application/json" } }),
  });
  if (answer.failure) {
    return notChecked("PUBLIC_URL does not answer.", "Fix the line about PUBLIC_URL first.");
  }
  return probe.resultOf(answer, query) ?? unexpected(answer);
}

/** Not what the function answers when it works: it is in trouble, or something else answers. */
function unexpected(answer: Answered): CheckResult {
  const code = problemCode(answer);
  const { status } = answer.response;
  if (code === "not_found") {
    return notChecked(
      "Another function of this bundle answers: function URLs have no common host.",
      "Map a custom domain to all functions and set PUBLIC_URL to it, or ask this function at its own address.",
    );
  }
  if (code === "misconfigured") return inTrouble("its settings are missing or wrong");
  return code
    ? inTrouble(`it answers ${status} ${code}`)
    : failed(
        `What answers there (${status}) is not this function.`,
        "Deploy the function, and let PUBLIC_URL, its path included, lead to it.",
      );
}

const inTrouble = (what: string): CheckResult =>
  failed(
    `It runs, but ${what}.`,
    "Read what this function has logged; the lines above say what else is wrong.",
  );
