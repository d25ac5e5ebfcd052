/** What a person has to do after a deploy, with the addresses that it led to. */
import { routes } from "../../shared/contract/routes.ts";
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
    "Addresses:",
    ...addressLines(urls),
    "",
    "Next:",
    "  - npm run migrate   if you have not yet: updates the tables of the database, from a machine that reaches it",
    "  - npm run doctor    checks against the real services that everything works",
    ...pushLine(urls),
    ...(base
      ? [
          `  - FaceID sends browsers back to ${origin(base)} (RedirectUrl); allow it wherever its console asks for domains.`,
        ]
      : []),
    ...domainLines(urls),
    ...(hasOneHost ? domainSteps : [domainAdvice]),
    "",
    "Deployed.",
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
        `  - WeChat's console, message push: URL ${url}${routes.receivePush.path}, with your Token and AESKey.`,
      ]
    : [];
}

/** What a mini-program itself calls; browsers call the landing page, and WeChat the push. */
function domainLines(urls: ReadonlyMap<string, string>): string[] {
  const others: readonly string[] = [routes.landH5.function, routes.receivePush.function];
  const own = [...urls].filter(([key]) => !others.includes(key)).map(([, url]) => origin(url));
  if (own.length === 0) return [];
  return [
    "  - WeChat's console, request domains of the mini-program: allow",
    ...new Set(own.map((each) => `      ${each}`)),
  ];
}

const domainAdvice =
  "  - WeChat wants domains with an ICP filing: set CUSTOM_DOMAIN and deploy again if it rejects these addresses.";

const origin = (url: string): string => (URL.canParse(url) ? new URL(url).origin : url);
