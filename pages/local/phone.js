/** The simulated phone: a drawer in which a person starts a verification and passes, fails, is somebody else, or leaves. */
import { Refused } from "../console/api.js";
import { badge, byId, element } from "../console/dom.js";
import { currentLanguage, text } from "../console/texts.js";
import { finishAttempt, giveUp, readAgain, startVerification, tokenOf } from "./client.js";

const CHANNELS = ["mini-program", "h5", "eid", "wechat"];
/** The channels whose provider asks nobody who they are. */
const NEED_IDENTITY = new Set(["wechat"]);
/** What the vendors call what a client starts with, by our field of `start`. */
const TOKEN_NAMES = {
  bizToken: "BizToken",
  eidToken: "EidToken",
  verifyId: "verify_id",
  userIdKey: "user_id_key",
  url: "BizToken",
};

/** The flow under way, so that a phone that was switched off can go on with it. */
const KEY = "zhenren-phone";
const saved = {
  read: () => JSON.parse(sessionStorage.getItem(KEY) ?? "null"),
  write: (flow) => sessionStorage.setItem(KEY, JSON.stringify(flow)),
  forget: () => sessionStorage.removeItem(KEY),
};

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

/** The phone. `changed` runs after everything that may have changed a verification. */
export function startPhone({ changed }) {
  function showError(message = "") {
    byId("phone-error").textContent = message;
    byId("phone-error").hidden = message === "";
  }

  async function attempt(work) {
    showError();
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      showError(error.message);
    }
    await changed();
  }

  function showResult(flow, { status, reason, lastAttempt, canRetry }) {
    const said = (reason ?? lastAttempt)?.message?.[currentLanguage()];
    byId("result").replaceChildren(badge(status, text().status[status]), ...(said ? [` ${said}`] : []));
    if (status === "pending") return saved.write(flow);
    saved.forget();
    for (const control of document.querySelectorAll("#screen .choice")) control.disabled = !canRetry;
    byId("again").hidden = false;
  }

  function codesOf(channel) {
    const codes = Object.entries(text().codes[NEED_IDENTITY.has(channel) ? "wechat" : "faceid"]);
    return element(
      "select",
      { className: "choice", testId: "phone-code", aria: { label: text().codeLabel } },
      ...codes.map(([value, label]) => element("option", { value }, `${value} ${label}`)),
    );
  }

  /** Shows what the phone shows while the provider has the person. */
  function showScreen(flow) {
    const { channel, start } = flow;
    const names = text();
    const code = codesOf(channel);
    const button = (testId, label, work, className = "") =>
      element("button", { type: "button", testId, className: `choice ${className}`, onclick: work }, label);
    const act = (work) => () => attempt(async () => showResult(flow, await work()));
    const field = Object.keys(start).find((name) => name in TOKEN_NAMES);
    const open = { href: start.url, target: "_blank", rel: "noopener", testId: "provider-page" };
    const page = start.url ? [element("a", open, names.openPage)] : [];
    byId("screen").replaceChildren(
      element("h3", {}, names.phoneTitles[channel]),
      element("code", { testId: "phone-token" }, `${TOKEN_NAMES[field]} ${tokenOf(start)}`),
      element("p", { className: "hint" }, names.phoneHint),
      ...page,
      button(
        "phone-pass",
        names.pass,
        act(() => finishAttempt(flow, "passed")),
        "primary",
      ),
      code,
      button(
        "phone-fail",
        names.fail,
        act(() => finishAttempt(flow, code.value)),
      ),
      button(
        "phone-other-person",
        names.otherPerson,
        act(() => finishAttempt(flow, "other-person")),
      ),
      button(
        "phone-cancel",
        names.cancel,
        act(() => giveUp(flow)),
      ),
      button(
        "phone-look",
        names.look,
        act(() => readAgain(flow)),
      ),
      element("p", { id: "result", testId: "phone-result", role: "status" }),
      element(
        "button",
        { type: "button", id: "again", testId: "phone-again", hidden: true, onclick: () => showStart() },
        names.again,
      ),
    );
    byId("start-form").hidden = true;
    byId("screen").hidden = false;
  }

  function showStart() {
    byId("screen").hidden = true;
    byId("start-form").hidden = false;
    showError();
  }

  function setOpen(isOpen) {
    byId("phone").hidden = !isOpen;
    byId("phone-open").setAttribute("aria-expanded", String(isOpen));
    document.body.classList.toggle("with-phone", isOpen);
    byId(isOpen ? "user" : "phone-open").focus();
  }

  byId("phone-open").onclick = () => setOpen(byId("phone").hidden);
  byId("phone-close").onclick = () => setOpen(false);
  byId("phone").addEventListener("keydown", ({ key }) => key === "Escape" && setOpen(false));
  byId("channels").addEventListener("change", showIdentity);
  byId("with-identity").addEventListener("change", showIdentity);
  byId("start-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const identity = { name: byId("person").value, idCardNumber: byId("number").value };
    void attempt(async () => {
      const request = givesIdentity() ? { identity } : {};
      const flow = await startVerification(byId("user").value, chosenChannel(), request);
      saved.write(flow);
      showScreen(flow);
    });
  });

  return {
    /** Writes everything in the language of the moment; a flow that was under way goes on. */
    show() {
      showChannels();
      showIdentity();
      const flow = saved.read();
      if (!flow) return showStart();
      showScreen(flow);
      byId("phone").hidden = false;
      document.body.classList.add("with-phone");
      byId("phone-open").setAttribute("aria-expanded", "true");
      byId("result").textContent = text().resumed;
    },
  };
}
