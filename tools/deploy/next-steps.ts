/** What a person has to do after a deploy, with the addresses that came of it. */
import { routes } from "../../shared/contract/routes.ts";
import { type Addresses, urlOf } from "./addresses.ts";
import { type Environment, httpTriggerOf } from "./deployment.ts";
import type { Observed } from "./difference.ts";
import { domainSettings } from "./domain/settings.ts";

/** What is known at the end. */
export interface Deployed {
  readonly env: Environment;
  readonly addresses: Addresses;
  /** What was deployed, by key. */
  readonly brought: ReadonlyMap<string, Observed>;
  /** What has to be done for a domain of one's own, if there is one. */
  readonly domainSteps: readonly string[];
}

/** The lines that end a deploy. */
export function nextSteps({ env, addresses, brought, domainSteps }: Deployed): string[] {
  const hasOneHost = httpTriggerOf(env) === "apigw" || domainSettings(env) !== undefined;
  const urls = new Map(
    [...brought].flatMap(([key, observed]): [string, string][] => {
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
    "  - npm run migrate   if you have not yet: brings the database's tables up to date, from a machine that reaches it",
    "  - npm run doctor    asks the real services whether all of it works",
    ...pushLine(urls),
    ...(base
      ? [
          `  - FaceID sends browsers back to ${origin(base)} (RedirectUrl); allow it where it asks for domains.`,
        ]
      : []),
    ...domainLines(urls),
    ...(hasOneHost ? domainSteps : [ownDomain]),
    "",
    "Deployed.",
  ];
}

/** Each route with the address that it has. */
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

/** What a mini-program itself calls; the landing page and the push are called by others. */
function domainLines(urls: ReadonlyMap<string, string>): string[] {
  const others: readonly string[] = [routes.landH5.function, routes.receivePush.function];
  const own = [...urls].filter(([key]) => !others.includes(key)).map(([, url]) => origin(url));
  if (own.length === 0) return [];
  return [
    "  - WeChat's console, request domains of the mini-program: allow",
    ...new Set(own.map((each) => `      ${each}`)),
  ];
}

const ownDomain =
  "  - WeChat wants domains with an ICP filing: set CUSTOM_DOMAIN and deploy again if it refuses these addresses.";

const origin = (url: string): string => (URL.canParse(url) ? new URL(url).origin : url);
