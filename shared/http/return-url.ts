/** How a browser comes back to us and where it may go on to: the door through which an open redirect would come. */

import type { SettingsOf } from "../config/read.ts";
import { pathTo } from "../contract/routes.ts";
import { InvalidRequestError } from "../runtime/errors.ts";

/** The settings of functions whose browser lands. */
export const landingSettings = ["PUBLIC_URL", "RETURN_URL_ORIGINS"] as const;

/** The landing of this deployment, for a channel that `always` redirects or only for requests with a `returnUrl`. */
export const landing = (
  settings: SettingsOf<typeof landingSettings>,
  { always }: { readonly always: boolean },
) => ({
  always,
  url: (state: string) => `${settings.PUBLIC_URL}${pathTo("landH5", { state })}`,
  checkReturnUrl: (url: string) => checkReturnUrl(url, settings.RETURN_URL_ORIGINS),
});

/**
 * Checks a `returnUrl`: https, one of the configured origins, nothing that browsers and parsers read differently
 * (backslashes, control characters, white space, credentials). Returns it as the parser wrote it, so that what was
 * checked is what is used.
 */
export function checkReturnUrl(text: string, origins: ReadonlySet<string>): string {
  if (/[\\\s\p{Cc}]/u.test(text))
    throw new InvalidRequestError("returnUrl: holds characters that no URL has.");
  if (!/^https:\/\/[^/]/i.test(text) || !URL.canParse(text)) {
    throw new InvalidRequestError("returnUrl: must be an absolute https URL.");
  }
  const url = new URL(text);
  if (url.username || url.password) throw new InvalidRequestError("returnUrl: must not hold credentials.");
  if (!origins.has(url.origin))
    throw new InvalidRequestError("returnUrl: its origin is not in RETURN_URL_ORIGINS.");
  return url.href;
}

/** The address that the browser is sent on to: the caller's own, with our two parameters set. */
export function withResult(returnUrl: string, verificationId: string, status: string): string {
  const url = new URL(returnUrl);
  url.searchParams.set("verification", verificationId);
  url.searchParams.set("status", status);
  return url.href;
}
