/** Mini-programs built with Taro. */
import { createCore } from "./client.ts";
import { nativeFace, topPage } from "./mini-program/native.ts";
import { type MiniProgramOptions, miniProgram } from "./mini-program/platform.ts";
import type { WxLike } from "./mini-program/wx.ts";
import type { Client } from "./types.ts";

/**
 * Makes a client. The face functions are WeChat's own, because Taro does not pass them on.
 *
 * @example const zhenren = createClient({ taro: Taro, api: "https://verify.shop.example" });
 */
export const createClient = (options: MiniProgramOptions & { taro: WxLike }): Client =>
  createCore(miniProgram(options, { wx: options.taro, face: nativeFace(), topPage }), options);

export { ZhenrenError } from "./error.ts";
export { isEidReturn } from "./mini-program/eid-return.ts";
export type * from "./public-types.ts";
