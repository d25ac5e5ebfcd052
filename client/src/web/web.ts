/** What this package uses of a browser, so that it needs no typings of one. */

/** A DOM element, as far as the simulated face page is made of them. */
export interface WebElement {
  textContent: string | null;
  onclick: (() => void) | null;
  setAttribute(name: string, value: string): void;
  append(...children: WebElement[]): void;
  remove(): void;
}

/** `window`. */
export interface WebLike {
  location: { href: string; search: string };
  localStorage: {
    getItem(key: string): string | null;
    setItem(key: string, value: string): void;
    removeItem(key: string): void;
  };
  fetch(
    url: string,
    init: { method: string; headers: Record<string, string>; body?: string },
  ): Promise<{
    status: number;
    headers: { forEach(callback: (value: string, name: string) => void): void };
    text(): Promise<string>;
  }>;
  confirm(text: string): boolean;
  addEventListener(type: string, listener: (event: { persisted?: boolean }) => void): void;
  document: {
    visibilityState: string;
    body: WebElement;
    createElement(name: string): WebElement;
    addEventListener(type: string, listener: () => void): void;
  };
}

/** What `wx.invoke` of the JS-SDK calls back with. */
export interface InvokeAnswer {
  err_code?: number | string;
  err_msg?: string;
  verify_result?: string;
}

/** The JS-SDK in a service account (1.6.3, configured with `beta: true`). */
export interface JsSdk {
  invoke(
    name: "checkIsSupportFaceDetect",
    parameters: Record<string, never>,
    callback: (answer: InvokeAnswer) => void,
  ): void;
  invoke(
    name: "requestWxFacePictureVerify",
    /** `{verify_id, version: 1}` as JSON. */
    parameters: { request_verify_pre_info: string },
    callback: (answer: InvokeAnswer) => void,
  ): void;
}
