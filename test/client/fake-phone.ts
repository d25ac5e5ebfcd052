/**
 * A phone with WeChat, as far as its documents and the public copies of the vendors' SDKs say how it behaves: pages, the app in
 * the background, taps, the person. Requests go wherever a test sends them.
 */
import type { StartEid, StartVerify, WxError, WxFace, WxLike } from "../../client/src/mini-program/wx.ts";

/** What `wx.request` asks, and what comes back; a rejection is a network that is away. */
export interface Sent {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
}
export interface Received {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}
export type Transport = (sent: Sent) => Promise<Received>;

/** The vendor's page that is open. */
interface Vendor {
  token: string;
  /** The person comes to an end and the SDK calls back. */
  done(answer?: object): void;
  /** The SDK calls `fail`, where it has one. */
  failed(error: WxError & { ErrorCode?: number; ErrorMsg?: string }): void;
  /** The person is back, and nothing is called. */
  silent(): void;
}

const BIZ_TOKEN = /^[a-zA-Z0-9-]{36}$/;
/** verify_mpsdk on iOS: what is asked for while its page closes gets lost. */
const IOS_CLOSING_MS = 500;

export class FakePhone {
  platform = "android";
  baseLibrary = "3.8.12";
  environment: string | undefined;
  /** What `checkIsSupportFacialRecognition` fails with. */
  deviceError: WxError | undefined;
  agreesToPrivacy = true;
  /** Whether the person confirms dialogs. */
  confirms = true;
  /** The index that the person taps in an action sheet; `undefined` dismisses it. */
  choice: number | undefined = 0;
  /** Whether the SDK's own requests are allowed by the domain list. */
  domainsListed = true;
  /** E证通's mini-program that the person comes back from. */
  vendor: Vendor | undefined;
  pages = ["pages/index/index"];
  loginCode = "demo-user";
  loginCodes = 0;
  /** Everything that was asked of `wx`, by name. */
  readonly calls: string[] = [];
  readonly storage = new Map<string, unknown>();
  #inTap = false;
  #closingUntil = 0;
  #onHide: (() => void)[] = [];
  #onShow: ((options: object) => void)[] = [];

  constructor(public transport: Transport) {}

  /** The person taps: only what is called in this very turn is inside the tap. */
  tap<T>(handler: () => T): T {
    this.#inTap = true;
    try {
      return handler();
    } finally {
      this.#inTap = false;
    }
  }

  hide(): void {
    for (const call of this.#onHide) call();
  }

  show(options: object = { scene: 1001 }): void {
    for (const call of this.#onShow) call(options);
  }

  /** Another process of the same app: everything is gone but the storage. */
  restarted(): FakePhone {
    const next = new FakePhone(this.transport);
    for (const [key, value] of this.storage) next.storage.set(key, value);
    return next;
  }

  topPage = (): string | undefined => this.pages.at(-1);

  /** `wx.startVerify`, after `Verify.init()`. */
  startVerify = ({
    data,
    success,
    fail,
  }: Parameters<StartVerify>[0] & { data: { endPath?: string } }): void => {
    this.calls.push("startVerify");
    if (!BIZ_TOKEN.test(data.token) || this.environment === "wxwork") return;
    this.pages.push("verify_mpsdk/index/index");
    const close = () => {
      if (data.endPath === undefined) this.pages.pop();
      else this.pages = [data.endPath];
      if (this.platform === "ios") this.#closingUntil = Date.now() + IOS_CLOSING_MS;
      this.vendor = undefined;
    };
    const ending = (call: () => void) => () => {
      close();
      if (data.endPath === undefined) call();
    };
    this.vendor = {
      token: data.token,
      done: ending(() => success({ BizToken: data.token, ErrorCode: 0 })),
      failed: (error) => ending(() => fail(error))(),
      silent: close,
    };
    if (!this.domainsListed) setTimeout(close, 1_500);
  };

  /** `startEid`, after `initEid()`. */
  startEid: StartEid = ({ data, verifyDoneCallback }) => {
    this.calls.push("startEid");
    if (!this.#inTap) return;
    this.pages.push("mp_ecard_sdk/index/index");
    this.hide();
    const back = (scene: number, appId: string) => {
      this.show({ scene, referrerInfo: { appId } });
      this.pages.pop();
      this.vendor = undefined;
    };
    this.vendor = {
      token: data.token,
      done: () => {
        back(1038, "wx0e2cb0b052a91c92");
        verifyDoneCallback({ token: data.token, verifyDone: true });
      },
      failed: () => back(1001, ""),
      silent: () => back(1001, ""),
    };
  };

  #face(
    token: string,
    name: string,
    success?: (answer: object) => void,
    fail?: (error: WxError) => void,
  ): void {
    this.calls.push(name);
    if (this.platform === "ios" && !this.#inTap && this.calls.includes("onShow"))
      return void fail?.({ errMsg: `${name}:fail webview not ready` });
    const close = () => {
      this.vendor = undefined;
    };
    this.vendor = {
      token,
      done: (answer = {}) => {
        close();
        success?.({ errCode: 0, errMsg: `${name}:ok`, ...answer });
      },
      failed: (error) => {
        close();
        fail?.(error);
      },
      silent: close,
    };
  }

  #request: WxLike["request"] = ({ url, method = "GET", header = {}, data = "", success, fail }) => {
    const { pathname } = new URL(url);
    this.calls.push(`${method} ${pathname}`);
    if (Date.now() < this.#closingUntil) return; // lost
    this.transport({ method, url, headers: header, body: data }).then(
      ({ status, headers, body }) => success?.({ statusCode: status, header: headers, data: body }),
      (error) => fail?.({ errMsg: `request:fail ${error}` }),
    );
  };

  /** `wx` itself. */
  get wx(): WxLike & WxFace {
    const hasV2 =
      this.baseLibrary
        .split(".")
        .map((part) => part.padStart(3, "0"))
        .join(".") >= "003.008.012";
    return {
      request: this.#request,
      login: ({ success }) => {
        this.loginCodes += 1;
        success?.({ code: this.loginCode });
      },
      getStorageSync: (key) => this.storage.get(key) ?? "",
      setStorageSync: (key, value) => void this.storage.set(key, value),
      removeStorageSync: (key) => void this.storage.delete(key),
      showModal: ({ success }) => {
        this.calls.push("showModal");
        setTimeout(() => this.tap(() => success?.({ confirm: this.confirms })), 10);
      },
      showActionSheet: ({ itemList, success, fail }) => {
        this.calls.push(`showActionSheet ${itemList.join(" ")}`);
        const { choice } = this;
        setTimeout(() => {
          if (choice === undefined) fail?.({ errMsg: "showActionSheet:fail cancel" });
          else success?.({ tapIndex: choice });
        }, 10);
      },
      getSystemInfoSync: () => ({
        platform: this.platform,
        SDKVersion: this.baseLibrary,
        ...(this.environment !== undefined && { environment: this.environment }),
      }),
      onAppShow: (callback: (options?: object) => void) => void this.#onShow.push(callback),
      onAppHide: (callback) => void this.#onHide.push(callback),
      requirePrivacyAuthorize: ({ success, fail }) => {
        this.calls.push("requirePrivacyAuthorize");
        if (this.agreesToPrivacy) success?.({});
        else
          fail?.({ errMsg: "requirePrivacyAuthorize:fail privacy permission is not authorized", errno: 104 });
      },
      checkIsSupportFacialRecognition: ({ success, fail }) => {
        this.calls.push("checkIsSupportFacialRecognition");
        if (this.deviceError) fail?.(this.deviceError);
        else
          success?.(
            this.platform === "ios" ? { errMsg: "checkIsSupportFacialRecognition:ok" } : { errCode: 0 },
          );
      },
      ...(hasV2 && {
        requestFacialVerify: ({ verifyId, success, fail }) =>
          this.#face(verifyId, "requestFacialVerify", success, fail),
      }),
      startFacialRecognitionVerify: ({ userIdKey, success, fail }) =>
        this.#face(userIdKey, "startFacialRecognitionVerify", success, fail),
      startVerify: this.startVerify,
    };
  }
}
