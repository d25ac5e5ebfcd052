/** What a mini-program has as globals. */
import { ZhenrenError } from "../error.ts";
import type { WxFace, WxLike } from "./wx.ts";

declare const wx: (WxLike & WxFace) | undefined;
declare function getCurrentPages(): { route?: string }[];

/** WeChat's own `wx`, also below a framework. */
export function nativeWx(): WxLike & WxFace {
  if (typeof wx === "object") return wx;
  throw new ZhenrenError("There is no `wx` here", "usage");
}

/** WeChat's face functions; nothing where there is no `wx`, as in a framework's H5 build. */
export const nativeFace = (): WxFace => (typeof wx === "object" ? wx : {});

/** The route of the page on top. */
export const topPage = (): string | undefined =>
  typeof getCurrentPages === "function" ? getCurrentPages().pop()?.route : undefined;
