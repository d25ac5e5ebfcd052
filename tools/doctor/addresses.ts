/** The addresses in the configuration: well formed, reachable, with a valid certificate. */
import * as z from "zod";
import { readSettings, required } from "../../shared/config/read.ts";
import { type Text, text, verbatim } from "../language/index.ts";
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
  readonly purpose: Text;
  readonly method: "GET" | "OPTIONS";
  readonly resultOf: (answer: Answered) => CheckResult;
}

/** Passes if anything behind the gateway answers: which answer is its own business. */
const passedBehindGateway =
  (fix: Text, detail: (url: string) => Text) =>
  ({ response: { status, url } }: Answered): CheckResult =>
    status >= 502 && status <= 504
      ? failed(
          text(`A gateway answers ${status}: nothing is behind it.`, `网关回答 ${status}：它后面没有函数。`),
          fix,
        )
      : passed(detail(url));

const addresses: readonly Address[] = [
  {
    name: "PUBLIC_URL",
    purpose: text("to the address of the deployed functions", "要检查已部署的函数"),
    method: "GET",
    resultOf: passedBehindGateway(
      text("Let the gateway or domain lead to the functions.", "请让网关或域名指向函数。"),
      (url) =>
        url.startsWith("https:")
          ? text("answers, with a valid certificate", "有回答，证书有效")
          : text("answers", "有回答"),
    ),
  },
  {
    name: "AUTH_JWKS_URL",
    purpose: text("if an issuer of your own signs bearer tokens", "如果调用者令牌由您自己的签发方签发"),
    method: "GET",
    resultOf: ({ response: { status }, body }) => {
      const keys = status === 200 ? keysIn(body) : 0;
      return keys > 0
        ? passed(text(`${keys} key${keys === 1 ? "" : "s"}`, `${keys} 个公钥`))
        : failed(
            text(
              `It answers ${status} without a JSON Web Key Set.`,
              `它回答 ${status}，没有 JSON Web Key Set。`,
            ),
            text(
              "Set it to the jwks_uri of the issuer, which must answer a GET without a login.",
              "请设为签发方的 jwks_uri，无须登录即可用 GET 读取。",
            ),
          );
    },
  },
  {
    name: "WEBHOOK_URL",
    purpose: text("with WEBHOOK_SECRET to be told of results", "要接收结果事件（还需要 WEBHOOK_SECRET）"),
    method: "OPTIONS", // no event has this method
    resultOf: passedBehindGateway(text("Start the receiver of events.", "请启动事件的接收方。"), () =>
      text("answers; no event was sent", "有回答；没有发送事件"),
    ),
  },
];

const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) });

function keysIn(body: string): number {
  try {
    return keySet.safeParse(JSON.parse(body)).data?.keys.length ?? 0;
  } catch {
    return 0;
  }
}

const addressCheck = ({ name, purpose, method, resultOf }: Address): Check => ({
  name: verbatim(name),
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
  const fix = text(
    "Set it to an https address whose certificate browsers trust.",
    "请设为 https 地址，其证书须受浏览器信任。",
  );
  return failedIfMisconfigured(fix, () =>
    urlOf(name, context).startsWith("http:") && !isSimulated(context)
      ? failed(
          text(
            "It is http, on this machine: nobody else can reach it.",
            "它是本机的 http 地址：别人无法访问。",
          ),
          fix,
        )
      : passed(),
  );
}

const returnOriginsCheck: Check = {
  name: verbatim("RETURN_URL_ORIGINS"),
  run: ({ env }) => {
    if (!env["RETURN_URL_ORIGINS"]) {
      return notConfigured(
        ["RETURN_URL_ORIGINS"],
        text("to let callers name a returnUrl", "要允许调用者指定 returnUrl"),
      );
    }
    const fix = text(
      "Write scheme, host and port alone, without a path, such as https://shop.example.",
      "只写协议、主机和端口，不写路径，例如 https://shop.example。",
    );
    return failedIfMisconfigured(fix, () => {
      const { size } = readSettings(["RETURN_URL_ORIGINS"], env).RETURN_URL_ORIGINS;
      return passed(text(`${size} origin${size === 1 ? "" : "s"}`, `${size} 个来源`));
    });
  },
};

/** Addresses other than those of single functions. */
export const addressChecks: readonly Check[] = [...addresses.map(addressCheck), returnOriginsCheck];
