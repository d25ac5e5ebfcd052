/**
 * A phone for `zhenren-client`: a `wx` that behaves as WeChat and the vendors' SDKs document it, and a browser's window. Where
 * a phone has a camera, the screen asks for the outcome, and the client's own simulator tells it to the provider.
 */
import { simulator } from "../../client/src/simulator.ts";
import { Refused } from "../console/api.js";
import { text } from "../console/texts.js";
import { LEAVE } from "./phone-screen.js";
import { send, sendAsIs } from "./send.js";

/** WeChat's code of a user's cancel (v2). */
const CANCELLED = 90_002;
/** A page slides in and out; nobody leaves it sooner. */
const TRANSITION_MS = 300;

function parsed(json) {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}

/**
 * The provider has the person. Answers `how` they came back, with the `code` of a failure and WeChat v1's `verifyResult`. Where
 * the app is killed meanwhile, the page loads anew and nothing is answered.
 */
async function camera({ user, screen, changed, showError }, channel, start, url) {
  let chosen;
  const showActionSheet = async ({ success }) => {
    chosen = await screen.face(channel, start, url);
    success({ tapIndex: chosen.tapIndex });
  };
  const tell = async ({ body }) => ({
    body: await send("POST", "/_local/simulator/complete", { body: { ...JSON.parse(body), openid: user } }),
  });
  const facePage = simulator(location.origin, () => chosen.code);
  void changed();
  let verifyResult;
  try {
    ({ verifyResult } = await facePage({ send: tell, wx: { showActionSheet } }, channel, start));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    showError(error.message);
    return { how: "left" };
  }
  if (chosen.isKilled) {
    location.reload();
    await new Promise(() => {});
  }
  screen.wait();
  if (chosen.hasReturned) return { how: "returned" };
  if (chosen.tapIndex === LEAVE) return { how: "left" };
  return chosen.code === undefined ? { how: "finished", verifyResult } : { how: "failed", code: chosen.code };
}

/** `wx`, after `Verify.init()` of verify_mpsdk, and `startEid` of mp_ecard_sdk. */
export function simulatedWx(place) {
  const { user, screen } = place;
  const pages = ["pages/index/index"];
  globalThis.getCurrentPages = () => pages.map((route) => ({ route }));
  const callbacks = { hide: [], show: [] };
  const call = (name) => callbacks[name].forEach((callback) => void callback());

  const transition = () => new Promise((resolve) => setTimeout(resolve, TRANSITION_MS));

  /** An SDK's own page is on top meanwhile. */
  async function onPage(route, ...asked) {
    pages.push(route);
    await transition();
    const outcome = await camera(place, ...asked);
    await transition();
    pages.pop();
    return outcome;
  }
  const face = async (start, { success, fail }) => {
    const { how, code, verifyResult } = await camera(place, "wechat", start);
    if (how === "finished") success({ errCode: 0, errMsg: "ok", verifyResult });
    else fail({ errCode: how === "failed" ? Number(code) : CANCELLED, errMsg: "fail" });
  };

  const wx = {
    async request({ url, method = "GET", header, data, success, fail }) {
      try {
        const response = await sendAsIs(url, { method, headers: header, body: data });
        const answer = { statusCode: response.status, header: Object.fromEntries(response.headers) };
        success({ ...answer, data: parsed(await response.text()) });
      } catch (error) {
        fail({ errMsg: `request:fail ${error.message}` });
      }
    },
    login: ({ success }) => success({ code: `demo-${user}` }),
    getStorageSync: (key) => sessionStorage.getItem(key) ?? "",
    setStorageSync: (key, value) => sessionStorage.setItem(key, value),
    removeStorageSync: (key) => sessionStorage.removeItem(key),
    showModal: async ({ title, content, confirmText, success }) =>
      success({ confirm: await screen.ask(`${title}\n\n${content}`, confirmText) }),
    getSystemInfoSync: () => ({ platform: "android", SDKVersion: "3.8.12" }),
    onAppHide: (callback) => callbacks.hide.push(callback),
    onAppShow: (callback) => callbacks.show.push(callback),
    requirePrivacyAuthorize: ({ success }) => success({}),
    checkIsSupportFacialRecognition: ({ success }) => success({ errCode: 0 }),
    requestFacialVerify: ({ verifyId, ...called }) => face({ verifyId }, called),
    startFacialRecognitionVerify: ({ userIdKey, ...called }) => face({ userIdKey }, called),
    async startVerify({ data: { token }, success, fail }) {
      const start = { bizToken: token };
      const { how, code } = await onPage("verify_mpsdk/index/index", "mini-program", start);
      if (how === "finished") success({ BizToken: token, ErrorCode: 0 });
      if (how === "failed") fail({ ErrorCode: Number(code) });
      // Nothing is called back where the person leaves.
    },
  };
  return {
    wx,
    async startEid({ data: { token }, verifyDoneCallback }) {
      call("hide"); // E证通 is a mini-program of its own
      const { how } = await onPage("mp_ecard_sdk/index/index", "eid", { eidToken: token });
      call("show");
      if (how !== "left") verifyDoneCallback({ token, verifyDone: true });
    },
  };
}

/** A browser's window. `onReturn` is called when the provider sends the browser to a page that loads anew. */
export function simulatedWindow(place, onReturn) {
  let onPageShow = () => {};
  async function goTo(url) {
    const start = { bizToken: new URL(url).searchParams.get("token") };
    const { how } = await camera(place, "h5", start, url);
    if (how === "left")
      onPageShow({ persisted: true }); // the back button shows the page as it was
    else onReturn();
  }
  return {
    location: {
      search: "",
      set href(url) {
        void goTo(url);
      },
    },
    localStorage: sessionStorage,
    fetch: sendAsIs,
    confirm: (said) => place.screen.ask(said, text().yes), // the client waits for the promise
    addEventListener: (_pageshow, listener) => {
      onPageShow = listener;
    },
    document,
  };
}
