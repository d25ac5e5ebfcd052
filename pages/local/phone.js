/** The simulated phone: a drawer with an app of a merchant, which does no more than call `zhenren-client`. */
import { createClient as createMiniProgramClient } from "../../client/src/index.ts";
import { createClient as createWebClient } from "../../client/src/web.ts";
import { Refused } from "../console/api.js";
import { byId, element } from "../console/dom.js";
import { currentLanguage, text } from "../console/texts.js";
import { phoneScreen } from "./phone-screen.js";
import { send } from "./send.js";
import { simulatedWindow, simulatedWx } from "./simulated-wx.js";

const CHANNELS = ["mini-program", "h5", "eid", "wechat"];
/** The channels whose provider asks nobody who they are. */
const NEED_IDENTITY = new Set(["wechat"]);

/** Whose phone it is and which app runs, so that a phone that was switched off opens that app again. */
const KEY = "zhenren-phone";

const chosenChannel = () => document.querySelector("[name=channel]:checked")?.value ?? CHANNELS[0];
const givesIdentity = () => NEED_IDENTITY.has(chosenChannel()) || byId("with-identity").checked;

function showChannels() {
  const chosen = chosenChannel();
  const choice = (value) =>
    element(
      "label",
      {},
      element("input", {
        type: "radio",
        name: "channel",
        value,
        checked: value === chosen,
        testId: `channel-${value}`,
      }),
      ` ${text().channels[value]}`,
    );
  byId("channels").replaceChildren(...CHANNELS.map(choice));
}

function showIdentity() {
  byId("with-identity").disabled = NEED_IDENTITY.has(chosenChannel());
  byId("identity").hidden = !givesIdentity();
}

function showError(message = "") {
  byId("phone-error").textContent = message;
  byId("phone-error").hidden = message === "";
}

/** The phone. `changed` runs after everything that may have changed a verification. */
export function startPhone({ changed }) {
  const screen = phoneScreen();
  let isSwitchedOn = false;

  /** Starts the app anew: a client and what it answers. */
  function launch({ user, channel }) {
    const place = { user, screen, changed, showError };
    const options = { api: location.origin, language: currentLanguage() };
    if (channel !== "h5") {
      const { wx, startEid } = simulatedWx(place);
      return createMiniProgramClient({ ...options, wx, sdk: { startEid } });
    }
    const login = async () => (await send("POST", "/login", { body: { code: `demo-${user}` } })).accessToken;
    const window = simulatedWindow(place, () => void resume({ user, channel }));
    return createWebClient({ ...options, login, window });
  }

  /** Waits for the end of a call of the client and shows it. */
  async function showEnd(call, client, { request, isResumed = false } = {}) {
    showError();
    screen.wait();
    let end;
    try {
      end = await call;
    } catch (error) {
      if (!(error instanceof Refused) && error.name !== "ZhenrenError") throw error;
      showError(error instanceof Refused ? error.message : `${error.message} (${error.code})`);
    }
    if (!end) {
      screen.clear();
      return changed();
    }
    const { status, canRetry, verificationId } = end;
    if (status !== "pending") sessionStorage.removeItem(KEY);
    const again = (work) => () => void showEnd(work(), client, { request });
    screen.end(end, isResumed, {
      ...(status === "pending" && { resume: again(() => client.resume()) }),
      ...(canRetry && request && { retry: again(() => client.verify(request)) }),
      ...(status !== "passed" && verificationId && { "give-up": again(() => client.giveUp(verificationId)) }),
      again: () => screen.clear(),
    });
    return changed();
  }

  function resume(app) {
    const client = launch(app);
    return showEnd(client.resume(), client, { isResumed: true });
  }

  function setOpen(isOpen) {
    byId("phone").hidden = !isOpen;
    byId("phone-open").setAttribute("aria-expanded", String(isOpen));
    document.body.classList.toggle("with-phone", isOpen);
  }
  function toggle(isOpen) {
    setOpen(isOpen);
    byId(isOpen ? "user" : "phone-open").focus();
  }

  byId("phone-open").onclick = () => toggle(byId("phone").hidden);
  byId("phone-close").onclick = () => toggle(false);
  byId("phone").addEventListener("keydown", ({ key }) => key === "Escape" && toggle(false));
  byId("channels").addEventListener("change", showIdentity);
  byId("with-identity").addEventListener("change", showIdentity);
  byId("start-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const app = { user: byId("user").value, channel: chosenChannel() };
    sessionStorage.setItem(KEY, JSON.stringify(app));
    const identity = { name: byId("person").value, idCardNumber: byId("number").value };
    const request = { channel: app.channel, ...(givesIdentity() && { identity }) };
    const client = launch(app);
    void showEnd(client.verify(request), client, { request });
  });

  return {
    /** Writes everything in the language of the moment. The first time, the app that was running when the phone went off is opened. */
    show() {
      showChannels();
      showIdentity();
      screen.redraw();
      const app = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
      if (app && !isSwitchedOn) {
        setOpen(true);
        void resume(app);
      }
      isSwitchedOn = true;
    },
  };
}
