/** What is deployed behind PUBLIC_URL: every HTTP function is asked something that it refuses in its own words. */
import { randomUUID } from "node:crypto";
import * as z from "zod";
import { pushSettingNames, pushSettings } from "../../shared/app/push.ts";
import { channelModules } from "../../shared/channels/registry.ts";
import { readSettings } from "../../shared/config/read.ts";
import { pathTo, type RouteName, routes } from "../../shared/contract/routes.ts";
import { pushSignature } from "../../shared/providers/wechat/index.ts";
import { type Text, text } from "../language/index.ts";
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
function problemCode({ response, body }: Answered): string | undefined {
  if (!response.headers.get("content-type")?.startsWith("application/problem+json")) return undefined;
  try {
    return problemSchema.safeParse(JSON.parse(body)).data?.code;
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
  withoutBearer("readBacklog"),
  {
    route: "landH5",
    parameters: { state: "doctor" },
    resultOf: ({ response, body }) => {
      const [, outcome] = / data-testid="landing" data-outcome="(\w+)"/.exec(body) ?? [];
      if (response.status === 404 && outcome === "unknown") return passed();
      return outcome === "unavailable"
        ? inTrouble(text("it cannot look a verification up", "无法查询核身"))
        : undefined;
    },
  },
  {
    route: "echoPush",
    query: signedEcho,
    resultOf: (answer, { echostr }) => {
      if (answer.response.status === 200 && answer.body === echostr)
        return passed(text("knows the Token", "Token 一致"));
      if (problemCode(answer) !== "forbidden") return undefined;
      return failed(
        text("It does not accept a signature made with this Token.", "它不接受用这个 Token 做的签名。"),
        text(
          "Deploy wechat-push with the Token that is set here; if it has it, its clock is five minutes off.",
          "请用这里设置的 Token 部署 wechat-push；如果已经一致，则是它的时钟差了五分钟。",
        ),
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
    name: text(`${name} behind PUBLIC_URL`, `PUBLIC_URL 上的 ${name}`),
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
    return notChecked(
      text("PUBLIC_URL does not answer.", "PUBLIC_URL 没有回答。"),
      text("Fix the line about PUBLIC_URL first.", "请先解决 PUBLIC_URL 那一行。"),
    );
  }
  return probe.resultOf(answer, query) ?? unexpected(answer);
}

/** Not what the function answers when it works: it is in trouble, or something else answers. */
function unexpected(answer: Answered): CheckResult {
  const code = problemCode(answer);
  const { status } = answer.response;
  if (code === "not_found") {
    return notChecked(
      text(
        "Another function of this bundle answers: function URLs have no common host.",
        "回答的是另一个函数：各函数 URL 的主机名不同。",
      ),
      text(
        "Map a custom domain to all functions and set PUBLIC_URL to it, or ask this function at its own address.",
        "请把自有域名映射到全部函数，并把 PUBLIC_URL 设为它；或直接访问该函数自己的地址。",
      ),
    );
  }
  if (code === "misconfigured")
    return inTrouble(text("its settings are missing or wrong", "它的设置缺失或有误"));
  return code
    ? inTrouble(text(`it answers ${status} ${code}`, `它回答 ${status} ${code}`))
    : failed(
        text(`What answers there (${status}) is not this function.`, `那里回答的（${status}）不是这个函数。`),
        text(
          "Deploy the function, and let PUBLIC_URL, its path included, lead to it.",
          "请部署该函数，并让 PUBLIC_URL（包括其路径）指向它。",
        ),
      );
}

const inTrouble = (what: Text): CheckResult =>
  failed(
    text(`It runs, but ${what}.`, `它在运行，但${what}。`),
    text(
      "Read what this function has logged; the lines above say what else is wrong.",
      "请查看该函数的日志；上面各行说明了其他问题。",
    ),
  );
