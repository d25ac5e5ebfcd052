/** What is deployed behind PUBLIC_URL: every HTTP function is asked something that it refuses, in its own words. */
import { randomUUID } from "node:crypto";
import * as z from "zod";
import { pushSettingNames, pushSettings } from "../../shared/app/push.ts";
import { channelModules } from "../../shared/channels/registry.ts";
import { readSettings } from "../../shared/config/read.ts";
import { pathTo, type RouteName, routes } from "../../shared/contract/routes.ts";
import { pushSignature } from "../../shared/providers/wechat/push/signature.ts";
import { disabledReason, functionManifests } from "../build/function-manifest.ts";
import { type Check, failed, notChecked, type Outcome, passed } from "./check.ts";
import type { Context } from "./context.ts";
import { type Fetched, fetchWithin } from "./fetch.ts";
import { publicUrl } from "./urls.ts";

type Answered = Extract<Fetched, { trouble?: undefined }>;

/** A harmless question to a function, and what its answer says if it is ours and serves. */
interface Question {
  readonly route: RouteName;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The query, signed where that is what is checked. Throws `Misconfigured`. */
  readonly query?: (context: Context) => Readonly<Record<string, string>>;
  /** What was found; `undefined` if this is not the answer of the function that was asked. */
  readonly read: (answer: Answered, query: Readonly<Record<string, string>>) => Outcome | undefined;
}

const problem = z.object({ code: z.string(), requestId: z.string() });

/** The `code` of a problem response of this bundle. */
function problemCode({ response, text }: Answered): string | undefined {
  if (!response.headers.get("content-type")?.startsWith("application/problem+json")) return undefined;
  try {
    return problem.safeParse(JSON.parse(text)).data?.code;
  } catch {
    return undefined;
  }
}

const refusesWith = (status: number, code: string) => (answer: Answered) =>
  answer.response.status === status && problemCode(answer) === code ? passed() : undefined;

const withoutBearer = (route: RouteName, more: Partial<Question> = {}): Question => ({
  route,
  read: refusesWith(401, "unauthenticated"),
  ...more,
});

/** A question of every HTTP function. None has an effect, costs anything, or reaches a provider. */
const questions: readonly Question[] = [
  { route: "login", body: "{}", read: refusesWith(400, "invalid_request") },
  ...channelModules.map(({ route }) => withoutBearer(route, { body: "{}" })),
  withoutBearer("readVerification", { parameters: { id: "doctor" } }),
  {
    route: "landH5",
    parameters: { state: "doctor" },
    read: ({ response, text }) => {
      const [, outcome] = / data-testid="landing" data-outcome="(\w+)"/.exec(text) ?? [];
      if (response.status === 404 && outcome === "unknown") return passed();
      return outcome === "unavailable" ? inTrouble("it cannot look a verification up") : undefined;
    },
  },
  {
    route: "echoPush",
    query: signedEcho,
    read: (answer, query) => {
      if (answer.response.status === 200 && answer.text === query["echostr"])
        return passed("knows the Token");
      if (problemCode(answer) !== "forbidden") return undefined;
      return failed(
        "It does not accept a signature made with this Token.",
        "Deploy wechat-push with the Token that is set here; if it has it, its clock is five minutes off.",
      );
    },
  },
];

/** What WeChat's console asks when the address of the push is saved there. */
function signedEcho({ env }: Context): Record<string, string> {
  const { tokens } = pushSettings(readSettings(pushSettingNames, env));
  const [timestamp, nonce, echostr] = [String(Math.floor(Date.now() / 1000)), randomUUID(), randomUUID()];
  return { signature: pushSignature([tokens[0] ?? "", timestamp, nonce]), timestamp, nonce, echostr };
}

/** One check an HTTP function. */
export const deployedChecks: readonly Check[] = questions.map((question) => {
  const name = routes[question.route].function;
  return {
    name: `${name} behind PUBLIC_URL`,
    run: (context) => {
      const manifest = functionManifests[name];
      const disabled = manifest && disabledReason(manifest, context.env);
      return disabled ? notChecked(disabled.why, disabled.fix) : answerOf(question, context);
    },
  };
});

async function answerOf(question: Question, context: Context): Promise<Outcome> {
  const { route, parameters, body } = question;
  const base = publicUrl(context);
  const query = question.query?.(context) ?? {};
  const url = `${base}${pathTo(route, parameters)}?${new URLSearchParams(query)}`;
  const answer = await fetchWithin(url, {
    method: routes[route].method,
    ...(body && { body, headers: { "content-type": "application/json" } }),
  });
  if (answer.trouble)
    return notChecked("PUBLIC_URL does not answer.", "Mend the line about PUBLIC_URL first.");
  return question.read(answer, query) ?? unexpected(answer);
}

/** Not what the function answers when all is well: it is in trouble, or it is somebody else. */
function unexpected(answer: Answered): Outcome {
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

const inTrouble = (what: string): Outcome =>
  failed(
    `It runs, but ${what}.`,
    "Read what this function has logged; the lines above say what else is wrong.",
  );
