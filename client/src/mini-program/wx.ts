/**
 * What this package uses of `wx`, as it is documented, and no more: any `wx`, `Taro` or `uni` fits. The published typings
 * lack several of the face functions (miniprogram-api-typings 5.2.3 has only `requestFacialVerify` of the newer ones).
 */

/** What `fail` gets. */
export interface WxError {
  errMsg?: string;
  /** Of the newer functions. */
  errCode?: number;
  errno?: number;
}

interface Callbacks<Answer> {
  success?(answer: Answer): void;
  fail?(error: WxError): void;
}

/** `errCode` 0 means that the person has finished, not that they passed. */
export interface FaceAnswer extends WxError {
  /** WeChat v1: the result token. */
  verifyResult?: string;
}

/** WeChat v2; base library 3.8.12, not in plugins. */
export type RequestFacialVerify = (options: { verifyId: string } & Callbacks<FaceAnswer>) => unknown;

/** WeChat v1. */
export type StartFacialRecognitionVerify = (
  options: { userIdKey: string; checkAliveType?: 0 | 1 | 2 } & Callbacks<FaceAnswer>,
) => unknown;

/** The face functions, which frameworks do not pass on: they are taken from `wx` itself. */
export interface WxFace {
  checkIsSupportFacialRecognition?(options: { checkAliveType?: 0 | 1 | 2 } & Callbacks<WxError>): unknown;
  requestFacialVerify?: RequestFacialVerify;
  requestFacialVerifyAndUploadVideo?: RequestFacialVerify;
  startFacialRecognitionVerify?: StartFacialRecognitionVerify;
  startFacialRecognitionVerifyAndUploadVideo?: StartFacialRecognitionVerify;
  requirePrivacyAuthorize?(options: Callbacks<unknown>): unknown;
  /** Put there by `Verify.init()` of verify_mpsdk. */
  startVerify?: StartVerify;
}

/** Everything else. */
export interface WxLike {
  request(
    options: {
      url: string;
      method?: "GET" | "POST";
      data?: string;
      header?: Record<string, string>;
      timeout?: number;
    } & Callbacks<{ statusCode: number; data: unknown; header: unknown }>,
  ): unknown;
  login(options: Callbacks<{ code: string }>): unknown;
  getStorageSync(key: string): unknown;
  setStorageSync(key: string, value: unknown): void;
  removeStorageSync(key: string): void;
  showModal(
    options: { title?: string; content?: string; confirmText?: string } & Callbacks<{ confirm: boolean }>,
  ): unknown;
  showActionSheet(options: { itemList: string[] } & Callbacks<{ tapIndex: number }>): unknown;
  getSystemInfoSync(): { platform?: string; SDKVersion?: string; environment?: string };
  onAppShow?(callback: () => void): void;
  onAppHide?(callback: () => void): void;
}

/** `startVerify` of verify_mpsdk. */
export type StartVerify = (options: {
  data: { token: string };
  success(answer: unknown): void;
  fail(error: { ErrorCode?: number | string }): void;
}) => unknown;

/** `startEid` of mp_ecard_sdk. */
export type StartEid = (options: {
  data: { token: string };
  verifyDoneCallback(answer: unknown): void;
}) => unknown;
