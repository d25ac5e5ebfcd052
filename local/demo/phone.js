/** The box that stands for a phone with the mini-program: the person passes, fails, or is somebody else. */
import { act, finish } from "./api.js";
import { byId, element } from "./elements.js";
import { currentLanguage, text } from "./texts.js";

/** Hides the phone. */
export const putPhoneAway = () => {
  byId("phone").hidden = true;
};

/**
 * Shows the phone for one verification. Each choice is what the person does, then the mini-program's own call of `finish`;
 * `changed` is told afterwards, and `attempt` runs what may fail. The phone stays while another try is allowed.
 */
export function showPhone({ id, bizToken }, attempt, changed) {
  const phone = byId("phone");
  const code = element(
    "select",
    { testId: "phone-code" },
    ...Object.entries(text().codes).map(([value, label]) =>
      element("option", { value }, `${value} ${label}`),
    ),
  );
  const result = element("p", { testId: "phone-result" });
  const choose = (outcome) => () =>
    attempt(async () => {
      await act(bizToken, outcome());
      const { status, reason, lastAttempt } = await finish(id);
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
    element("b", {}, text().phoneTitle),
    element("div", { className: "face" }),
    element("code", { testId: "phone-token" }, `BizToken ${bizToken}`),
    element("p", { className: "hint" }, text().phoneHint),
    ...choices,
    result,
    element("button", { type: "button", testId: "phone-close", onclick: putPhoneAway }, text().close),
  );
  phone.hidden = false;
  phone.scrollIntoView({ block: "center", behavior: "smooth" });
}
