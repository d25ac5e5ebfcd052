/** What a person has to do after a deploy, with the addresses that it led to. */
import { routes } from "../../shared/contract/routes.ts";
import { text } from "../language/index.ts";
import { type Addresses, urlOf } from "./addresses.ts";
import type { Observed } from "./cloud/scf.ts";
import { type Environment, httpTriggerOf } from "./deployment.ts";
import { domainSettings } from "./domain/settings.ts";

/** What is known at the end. */
export interface DeployResult {
  readonly env: Environment;
  readonly addresses: Addresses;
  /** The deployed functions by key. */
  readonly deployed: ReadonlyMap<string, Observed>;
  /** What has to be done for the custom domain, if there is one. */
  readonly domainSteps: readonly string[];
}

/** The lines that end a deploy. */
export function nextSteps({ env, addresses, deployed, domainSteps }: DeployResult): string[] {
  const hasOneHost = httpTriggerOf(env) === "apigw" || domainSettings(env) !== undefined;
  const urls = new Map(
    [...deployed].flatMap(([key, observed]): [string, string][] => {
      const url = hasOneHost ? addresses.publicUrl : urlOf(observed);
      return url ? [[key, url]] : [];
    }),
  );
  const base = addresses.publicUrl;
  return [
    "",
    text("Addresses:", "地址："),
    ...addressLines(urls),
    "",
    text("Next:", "接下来："),
    text(
      "  - npx zhenren migrate   if you have not yet: updates the tables of the database, from a machine that reaches it",
      "  - npx zhenren migrate   如果还没有运行过：更新数据库的表，在能连到数据库的机器上运行",
    ),
    text(
      "  - npx zhenren doctor    checks against the real services that everything works",
      "  - npx zhenren doctor    用真实服务检查是否全部正常",
    ),
    ...pushLine(urls),
    ...(base
      ? [
          text(
            `  - FaceID sends browsers back to ${origin(base)} (RedirectUrl); allow it wherever its console asks for domains.`,
            `  - 人脸核身会让浏览器返回 ${origin(base)}（RedirectUrl）；控制台要求填写域名的地方请放行它。`,
          ),
        ]
      : []),
    ...domainLines(urls),
    ...(hasOneHost ? domainSteps : [domainAdvice]),
    "",
    text("Deployed.", "部署完成。"),
  ];
}

/** Each route with its address. */
function addressLines(urls: ReadonlyMap<string, string>): string[] {
  return Object.values(routes).flatMap(({ method, path, function: key }) => {
    const url = urls.get(key);
    return url ? [`  ${method.padEnd(4)} ${url}${path}`] : [];
  });
}

function pushLine(urls: ReadonlyMap<string, string>): string[] {
  const url = urls.get(routes.receivePush.function);
  return url
    ? [
        text(
          `  - WeChat's console, message push: URL ${url}${routes.receivePush.path}, with your Token and AESKey.`,
          `  - 微信后台，消息推送：URL 填 ${url}${routes.receivePush.path}，以及您的 Token 和 AESKey。`,
        ),
      ]
    : [];
}

/** What a mini-program itself calls; browsers call the landing page, and WeChat the push. */
function domainLines(urls: ReadonlyMap<string, string>): string[] {
  const others: readonly string[] = [routes.landH5.function, routes.receivePush.function];
  const own = [...urls].filter(([key]) => !others.includes(key)).map(([, url]) => origin(url));
  if (own.length === 0) return [];
  return [
    text(
      "  - WeChat's console, request domains of the mini-program: allow",
      "  - 微信后台，小程序的 request 合法域名：请加入",
    ),
    ...new Set(own.map((each) => `      ${each}`)),
  ];
}

const domainAdvice = text(
  "  - WeChat wants domains with an ICP filing: set CUSTOM_DOMAIN and deploy again if it rejects these addresses.",
  "  - 微信要求域名已备案：如果它不接受这些地址，请设置 CUSTOM_DOMAIN 后重新部署。",
);

const origin = (url: string): string => (URL.canParse(url) ? new URL(url).origin : url);
