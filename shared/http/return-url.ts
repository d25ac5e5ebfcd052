/** How a browser comes back to us and where it may go on to: what keeps open redirects out. */
import type { SettingsOf } from "../config/read.ts";
import { pathTo } from "../contract/routes.ts";
import { InvalidRequestError } from "../runtime/errors.ts";
import { isLoopbackOrigin } from "./cors.ts";

/** The settings of functions whose browser lands. */
export const landingSettings = ["PUBLIC_URL", "RETURN_URL_ORIGINS", "SIMULATOR_URL"] as const;

/** The landing of this deployment, for a channel that `always` redirects or only for requests with a `returnUrl`. */
export const landing = (
  settings: SettingsOf<typeof landingSettings>,
  { always }: { readonly always: boolean },
) => ({
  always,
  url: (state: string) => `${settings.PUBLIC_URL}${pathTo("landH5", { state })}`,
  checkReturnUrl: (url: string) =>
    checkReturnUrl(url, {
      origins: settings.RETURN_URL_ORIGINS,
      allowLoopback: settings.SIMULATOR_URL !== undefined,
    }),
});

/** Where the browser may go on to. */
export interface ReturnUrlPolicy {
  readonly origins: ReadonlySet<string>;
  /** Whether http and https to this machine are free: a developer's own page, together with the simulator. */
  readonly allowLoopback: boolean;
}

/**
 * Checks a `returnUrl`: https, one of the configured origins, nothing that browsers and parsers read differently
 * (backslashes, control characters, white space, credentials). Returns it byte for byte: another spelling of the same
 * address can break a signature in its query.
 */
export function checkReturnUrl(text: string, { origins, allowLoopback }: ReturnUrlPolicy): string {
  if (/[\\\s\p{Cc}]/u.test(text))
    throw new InvalidRequestError({
      en: "returnUrl: holds characters that no URL has.",
      zh: "returnUrl：含有 URL 中不会有的字符。",
    });
  const isAbsolute = /^https?:\/\/[^/]/i.test(text) && URL.canParse(text);
  const isLoopback = isAbsolute && allowLoopback && isLoopbackOrigin(new URL(text).origin);
  if (!isAbsolute || !(isLoopback || /^https:/i.test(text))) {
    throw new InvalidRequestError({
      en: "returnUrl: must be an absolute https URL.",
      zh: "returnUrl：必须是完整的 https 地址。",
    });
  }
  const url = new URL(text);
  if (url.username || url.password)
    throw new InvalidRequestError({
      en: "returnUrl: must not hold credentials.",
      zh: "returnUrl：不得含有用户名或密码。",
    });
  if (!isHostPlain(text, url))
    throw new InvalidRequestError({
      en: "returnUrl: must spell its host in ASCII.",
      zh: "returnUrl：主机名必须用 ASCII 书写。",
    });
  if (!isLoopback && !origins.has(url.origin))
    throw new InvalidRequestError({
      en: "returnUrl: its origin is not in RETURN_URL_ORIGINS.",
      zh: "returnUrl：其来源不在 RETURN_URL_ORIGINS 中。",
    });
  return text;
}

/**
 * True if the host is written as the parser understood it: full-width letters, percent-encoding or an international name
 * could be another host to another reader.
 */
function isHostPlain(text: string, { protocol, host }: URL): boolean {
  const [, authority = ""] = /^https?:\/\/([^/?#]*)/i.exec(text) ?? [];
  const usualPort = protocol === "https:" ? /:(443)?$/ : /:(80)?$/;
  return authority.toLowerCase().replace(usualPort, "") === host;
}

/** What the browser is sent on with. */
export interface ReturnedResult {
  readonly verificationId: string;
  readonly status: string;
  /** Whether a try has failed that may be repeated. */
  readonly attemptFailed: boolean;
}

/**
 * The address that the browser is sent on to: the caller's own byte for byte, with our parameters at the end of its query,
 * so that a parameter of the same name in it stays the first one.
 *
 * @example withResult("https://shop.example/p?a#top", { verificationId: "ver_1", status: "passed", attemptFailed: false })
 * // "https://shop.example/p?a&verification=ver_1&status=passed#top"
 */
export function withResult(returnUrl: string, result: ReturnedResult): string {
  const at = returnUrl.indexOf("#");
  const [before, fragment] = at === -1 ? [returnUrl, ""] : [returnUrl.slice(0, at), returnUrl.slice(at)];
  const parameters = new URLSearchParams({
    verification: result.verificationId,
    status: result.status,
    ...(result.attemptFailed && { attempt: "failed" }),
  });
  return `${before}${separatorAfter(before)}${parameters}${fragment}`;
}

function separatorAfter(url: string): string {
  const query = url.indexOf("?");
  if (query === -1) return "?";
  return query === url.length - 1 || url.endsWith("&") ? "" : "&";
}
