/**
 * Notices that the person is back although nothing was called back: the SDKs are silent after a bad token, a user's cancel, a
 * domain that is not listed, in WeCom, and with `endPath`.
 */
import type { Ending } from "../platform.ts";
import type { WxLike } from "./wx.ts";

const TICK_MS = 500;
/** A callback that comes with the return is waited for. */
const TICKS_AFTER_RETURN = 2;
/** The SDK asks its server before its page opens. */
const TICKS_TO_OPEN = 20;
/** Folders of the SDKs' own pages, wherever a framework has put them. */
const SDK_PAGE = /(^|\/)(verify_mpsdk|mp_ecard_sdk)\//;

/** The page on top. */
export type TopPage = () => string | undefined;

/** Where the person is. */
export interface AppState {
  /** How often the app has gone to the background. */
  hidden: number;
}

/** Counts how often the app goes to the background. */
export function watchApp(wx: WxLike): AppState {
  const state = { hidden: 0 };
  wx.onAppHide?.(() => {
    state.hidden += 1;
  });
  return state;
}

/** Calls `end` when the person is back. Returns a function that ends the watch. */
export function watchReturn(topPage: TopPage, app: AppState, end: (ending: Ending) => void): () => void {
  const from = topPage();
  const hiddenBefore = app.hidden;
  let wasSdkPage = false;
  let hasOpened = false;
  let ticks = 0;
  const timer = setInterval(() => {
    const page = topPage();
    const isSdkPage = SDK_PAGE.test(String(page));
    wasSdkPage = wasSdkPage || isSdkPage;
    hasOpened = hasOpened || page !== from || app.hidden > hiddenBefore;
    // With `endPath` it is another page of the app than before.
    const isBack = page === from || (wasSdkPage && !isSdkPage);
    ticks = isBack ? ticks + 1 : 0;
    if (ticks <= (hasOpened ? TICKS_AFTER_RETURN : TICKS_TO_OPEN)) return;
    clearInterval(timer);
    end(hasOpened ? { how: "left" } : { how: "unsupported", code: "sdk_did_not_open" });
  }, TICK_MS);
  return () => clearInterval(timer);
}
