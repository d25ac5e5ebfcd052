/** Web pages of a service account inside WeChat: WeChat's own face API through the JS-SDK. */
import { createCore } from "./client.ts";
import { failure, finished } from "./device-failure.ts";
import type { Client, CommonOptions } from "./types.ts";
import { nativeWindow, webPage } from "./web/platform.ts";
import type { JsSdk, WebLike } from "./web/web.ts";

/** Options of a client in a service account's page. */
export interface ServiceAccountOptions extends CommonOptions {
  login: NonNullable<CommonOptions["login"]>;
  /** `wx` of the JS-SDK, after `wx.ready`. Not needed with `simulator`. */
  wx?: JsSdk;
  window?: WebLike;
}

/**
 * Makes a client. Call `start()` or `verify()` from a tap. The bearer token's `sub` is the openid in this account.
 *
 * @example
 * wx.config({ beta: true, jsApiList: ["checkIsSupportFaceDetect", "requestWxFacePictureVerify"], … });
 * wx.ready(() => { zhenren = createClient({ wx, api: "https://verify.shop.example", login }); });
 */
export function createClient(options: ServiceAccountOptions): Client {
  const web = options.window ?? nativeWindow();
  const page = webPage(web);
  const { simulator, wx } = options;
  const isMiniProgram = "__wxjs_environment" in web && web.__wxjs_environment === "miniprogram";
  return createCore(
    {
      ...page,
      async check(channel) {
        if (channel !== "wechat") return { how: "unsupported", code: "wrong_channel" };
        if (simulator) return undefined;
        if (!wx) return { how: "unsupported", code: "sdk_missing" };
        if (isMiniProgram) return { how: "unsupported", code: "web_view" };
        return new Promise((resolve) => {
          wx.invoke("checkIsSupportFaceDetect", {}, ({ err_code: code }) =>
            resolve(Number(code) === 0 ? undefined : { how: "unsupported", code: "device" }),
          );
        });
      },
      needsTap: () => false,
      open(channel, start, end) {
        if (simulator) {
          const { send } = page;
          const { document } = web;
          simulator({ send, document }, channel, start).then(end, () => end({ how: "left" }));
          return;
        }
        if (!("verifyId" in start)) {
          end({ how: "unsupported", code: "wrong_channel" });
          return;
        }
        const parameters = {
          request_verify_pre_info: JSON.stringify({ verify_id: start.verifyId, version: 1 }),
        };
        wx?.invoke("requestWxFacePictureVerify", parameters, ({ err_code: code, err_msg: errMsg = "" }) => {
          end(Number(code) === 0 ? finished() : failure({ errCode: Number(code), errMsg }));
        });
      },
    },
    options,
  );
}

export { ZhenrenError } from "./error.ts";
export type * from "./public-types.ts";
