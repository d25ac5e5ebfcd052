/** Mini-programs: `wx`, or what a framework has in its place. */
import type { Ending, HttpAnswer, Platform } from "../platform.ts";
import type { CommonOptions } from "../types.ts";
import { called } from "./call.ts";
import { check, privacyRefusal } from "./check.ts";
import { open, type VendorSdk } from "./open.ts";
import { type TopPage, watchApp, watchReturn } from "./watch-return.ts";
import type { WxFace, WxLike } from "./wx.ts";

const REQUEST_TIMEOUT_MS = 30_000;

/** Options of a client in a mini-program. */
export interface MiniProgramOptions extends CommonOptions {
  /** The functions of the vendors' SDKs, for the channels that need one. */
  sdk?: VendorSdk;
  /** WeChat's face functions: also keep the video. Needs a permission of its own. */
  withVideo?: boolean;
}

/** What differs between the entries. */
export interface Surroundings {
  wx: WxLike;
  face: WxFace;
  topPage: TopPage;
}

const inSmallLetters = (header: unknown): Record<string, string> => {
  const all: Record<string, string> = {};
  for (const [name, value] of Object.entries(Object(header))) all[name.toLowerCase()] = String(value);
  return all;
};

/** The platform of mini-programs. */
export function miniProgram(options: MiniProgramOptions, { wx, face, topPage }: Surroundings): Platform {
  const { sdk = {}, withVideo = false, simulator } = options;
  const app = watchApp(wx);
  const hasSdk = (channel: string) =>
    Boolean(channel === "eid" ? sdk.startEid : sdk.startVerify || face.startVerify);
  let onAppShow = () => {};
  wx.onAppShow?.(() => onAppShow());

  const send: Platform["send"] = ({ method, url, headers, body }) =>
    called<{ statusCode: number; data: unknown; header: unknown }>((callbacks) =>
      wx.request({
        method,
        url,
        header: headers,
        ...(body !== undefined && { data: body }),
        timeout: REQUEST_TIMEOUT_MS,
        ...callbacks,
      }),
    ).then(
      ({ statusCode, data, header }): HttpAnswer => ({
        status: statusCode,
        headers: inSmallLetters(header),
        body: data,
      }),
    );

  return {
    send,
    loginCode: () => called<{ code: string }>((callbacks) => wx.login(callbacks)).then(({ code }) => code),
    storage: {
      get: (key) => String(wx.getStorageSync(key) || "") || undefined,
      set: (key, value) => wx.setStorageSync(key, value),
      remove: (key) => wx.removeStorageSync(key),
    },
    confirm: (title, content, confirmText, onYes) =>
      called<{ confirm: boolean }>(({ success, fail }) =>
        wx.showModal({
          title,
          content,
          confirmText,
          fail,
          success(answer) {
            if (answer.confirm) onYes?.();
            success(answer);
          },
        }),
      ).then(({ confirm }) => confirm),
    check: async (channel) =>
      (!simulator && (await check(channel, wx, face, hasSdk(channel)))) || privacyRefusal(face),
    // mp_ecard_sdk opens another mini-program, which needs a tap (SDK 1.0.5).
    needsTap: (channel) => channel === "eid" && !simulator,
    open(channel, start, end, look) {
      if (simulator)
        return void simulator({ send, wx }, channel, start).then(end, () => end({ how: "left" }));
      // WeChat's own camera lies over the page and leaves no trace among the pages: there a return is only a reason to look.
      if (channel === "wechat") onAppShow = look;
      const stop = channel === "wechat" ? () => {} : watchReturn(topPage, app, end);
      const calledBack = (ending: Ending) => {
        stop();
        onAppShow = () => {};
        end(ending);
      };
      if (!open(start, face, sdk, withVideo, calledBack))
        calledBack({ how: "unsupported", code: channel === "wechat" ? "old_wechat" : "sdk_missing" });
    },
    onShow: (callback) => wx.onAppShow?.(callback),
  };
}
