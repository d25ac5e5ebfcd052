/** Mini-programs, native. */
import { createCore } from "./client.ts";
import { nativeWx, topPage } from "./mini-program/native.ts";
import { type MiniProgramOptions, miniProgram } from "./mini-program/platform.ts";
import type { WxFace, WxLike } from "./mini-program/wx.ts";
import type { Client } from "./types.ts";

/**
 * Makes a client; make one in `app.js` and keep it.
 *
 * @example
 * const zhenren = createClient({ api: "https://verify.shop.example" });
 * const { status, message } = await zhenren.verify({ channel: "mini-program", identity });
 */
export function createClient(options: MiniProgramOptions & { wx?: WxLike & WxFace }): Client {
  const wx = options.wx || nativeWx();
  return createCore(miniProgram(options, { wx, face: wx, topPage }), options);
}

export { ZhenrenError } from "./error.ts";
export { isEidReturn } from "./mini-program/eid-return.ts";
export type * from "./public-types.ts";
