/** The console's page, put together by the build (`tools/build/console-page.ts`) from `pages/console/`. */

/** Put in by the build. */
declare const CONSOLE_PAGE: { readonly html: string; readonly policy: string };

/** The page as HTML, and all that it may load: its own style, script and font, and the routes beside it. */
export const consolePage =
  typeof CONSOLE_PAGE === "object" ? CONSOLE_PAGE : { html: "", policy: "default-src 'none'" };
