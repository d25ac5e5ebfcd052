/** Web pages: H5 of FaceID, and E证通 in a browser. The browser leaves for the provider's page and comes back. */
import { createCore } from "./client.ts";
import { ZhenrenError } from "./error.ts";
import type { Client, CommonOptions } from "./types.ts";
import { nativeWindow, webPage } from "./web/platform.ts";
import type { WebLike } from "./web/web.ts";

/**
 * Makes a client. The promise of `verify()` ends only if the person comes back by the browser's back button; on the page
 * of your `returnUrl` call `resume()`.
 *
 * @example
 * const zhenren = createClient({ api: "https://verify.shop.example", login: () => myAccessToken });
 * const result = (await zhenren.resume()) ?? (await zhenren.verify({ channel: "h5", returnUrl: location.href }));
 */
export function createClient(
  options: CommonOptions & { login: NonNullable<CommonOptions["login"]>; window?: WebLike },
): Client {
  const web = options.window ?? nativeWindow();
  return createCore(
    {
      ...webPage(web),
      check: async (channel) =>
        channel === "h5" || channel === "eid" ? undefined : { how: "unsupported", code: "wrong_channel" },
      needsTap: () => false,
      open(_channel, start, end) {
        if (!("url" in start) || !start.url)
          throw new ZhenrenError("`eid` in a browser needs a `returnUrl`", "usage");
        // Back by the back button, with the page as it was; otherwise the page loads anew, and `resume` is its business.
        web.addEventListener("pageshow", ({ persisted }) => persisted && end({ how: "left" }));
        web.location.href = start.url;
      },
    },
    options,
  );
}

export { ZhenrenError } from "./error.ts";
export type * from "./public-types.ts";
