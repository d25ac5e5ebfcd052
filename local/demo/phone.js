/** The box that stands for a phone with a mini-program: the person passes, fails, or is somebody else. */
import { act, finish } from "./api.js";
import { byId, element } from "./elements.js";
import { currentLanguage, text } from "./texts.js";

/** What a client starts with, by our field of `start`, and what the vendors call it. */
const tokenNames = {
  bizToken: "BizToken",
  eidToken: "EidToken",
  verifyId: "verify_id",
  userIdKey: "user_id_key",
};

/** Hides the phone. */
export const putPhoneAway = () => {
  byId("phone").hidden = true;
};

/**
 * Shows the phone for one verification just started. Each choice is what the person does, then the mini-program's own call
 * of `finish`, with the `verify_result` where WeChat 1.0 gives one; `changed` runs afterwards, and `attempt` runs what
 * may fail. The phone stays while another try is allowed.
 */
export function showPhone({ verificationId, channel, start }, attempt, changed) {
  const phone = byId("phone");
  const field = Object.keys(tokenNames).find((name) => name in start);
  const token = start[field];
  const code = element(
    "select",
    { testId: "phone-code" },
    ...Object.entries(text().codes[channel]).map(([value, label]) =>
      element("option", { value }, `${value} ${label}`),
    ),
  );
  const result = element("p", { testId: "phone-result" });
  const choose = (outcome) => () =>
    attempt(async () => {
      const { verifyResult } = await act(token, outcome());
      const { status, reason, lastAttempt } = await finish(verificationId, verifyResult);
      const said = (reason ?? lastAttempt)?.message?.[currentLanguage()];
      result.textContent = [text().status[status], said].filter(Boolean).join(" · ");
      if (status !== "pending") for (const control of choices) control.disabled = true;
      await changed();
    });
  const button = (testId, label, outcome, className = "") =>
    element("button", { type: "button", testId, className, onclick: choose(outcome) }, label);
  const choices = [
    button("phone-pass", text().pass, () => "passed", "primary"),
    code,
    button("phone-fail", text().fail, () => code.value),
    button("phone-other-person", text().otherPerson, () => "other-person"),
  ];
  phone.replaceChildren(
    element("div", { className: "notch" }),
    element("b", {}, text().phoneTitles[channel]),
    element("div", { className: "face" }),
    element("code", { testId: "phone-token" }, `${tokenNames[field]} ${token}`),
    element("p", { className: "hint" }, text().phoneHint),
    ...choices,
    result,
    element("button", { type: "button", testId: "phone-close", onclick: putPhoneAway }, text().close),
  );
  phone.hidden = false;
  phone.scrollIntoView({ block: "center", behavior: "smooth" });
}
