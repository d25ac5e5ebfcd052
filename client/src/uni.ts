/** Mini-programs built with uni-app. */
import { createCore } from "./client.ts";
import { nativeFace, topPage } from "./mini-program/native.ts";
import { type MiniProgramOptions, miniProgram } from "./mini-program/platform.ts";
import type { WxLike } from "./mini-program/wx.ts";
import type { Client } from "./types.ts";

/**
 * Makes a client. The face functions are WeChat's own, because uni-app does not pass them on.
 *
 * @example const zhenren = createClient({ uni, api: "https://verify.shop.example" });
 */
export const createClient = (options: MiniProgramOptions & { uni: WxLike }): Client =>
  createCore(miniProgram(options, { wx: options.uni, face: nativeFace(), topPage }), options);

export { ZhenrenError } from "./error.ts";
export { isEidReturn } from "./mini-program/eid-return.ts";
export type * from "./public-types.ts";
