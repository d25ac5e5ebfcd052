/** What the simulated phone shows while an app runs on it. Each screen is drawn again when the language changes. */
import { badge, byId, element } from "../console/dom.js";
import { text } from "../console/texts.js";

/** What the person can do before the camera: the indexes of the client's simulator. */
const PASS = 0;
const FAIL = 1;
const OTHER_PERSON = 2;
export const LEAVE = 3;

/** What the vendors call the tokens, by our field of `start`. */
const TOKEN_NAMES = {
  bizToken: "BizToken",
  eidToken: "EidToken",
  verifyId: "verify_id",
  userIdKey: "user_id_key",
};

const button = (testId, label, onclick, className = "") =>
  element("button", { type: "button", testId: `phone-${testId}`, className, onclick }, label);

function codesOf(channel) {
  const { codes } = text();
  return element(
    "select",
    { testId: "phone-code", aria: { label: text().codeLabel } },
    ...Object.entries(codes[channel] ?? codes.faceid).map(([value, label]) =>
      element("option", { value }, `${value} ${label}`),
    ),
  );
}

/** Makes the screen. */
export function phoneScreen() {
  let draw;
  const redraw = () => draw && byId("screen").replaceChildren(...draw());

  function show(next) {
    draw = next;
    byId("screen").hidden = !next;
    byId("start-form").hidden = Boolean(next);
    redraw();
  }
  const wait = () => show(() => [element("p", { role: "status" }, text().wait)]);

  return {
    redraw,
    wait,
    /** Back to where an app can be started. */
    clear: () => show(undefined),

    /** A dialog; answers whether the person agrees. */
    ask: (said, yes) =>
      new Promise((resolve) => {
        const answer = (isYes) => () => {
          wait();
          resolve(isYes);
        };
        show(() => [
          element("p", { className: "said", testId: "phone-dialog" }, said),
          button("yes", yes, answer(true), "primary"),
          button("no", text().no, answer(false)),
        ]);
      }),

    /** The provider's part; answers what the person does, and whether the app is killed meanwhile. */
    face: (channel, start, url) =>
      new Promise((resolve) => {
        show(() => {
          const names = text();
          const code = codesOf(channel);
          const kill = element("input", { type: "checkbox", testId: "phone-kill" });
          const choose =
            (tapIndex, more = () => ({})) =>
            () =>
              resolve({ tapIndex, isKilled: kill.checked, ...more() });
          const [[field, token]] = Object.entries(start);
          const link = { href: url, target: "_blank", rel: "noopener", testId: "provider-page" };
          const returned = choose(LEAVE, () => ({ hasReturned: true }));
          return [
            element("h3", {}, names.phoneTitles[channel]),
            element("code", { testId: "phone-token" }, `${TOKEN_NAMES[field]} ${token}`),
            element("p", { className: "hint" }, names.phoneHint),
            ...(url
              ? [element("a", link, names.openPage), button("look", names.backFromPage, returned)]
              : []),
            button("pass", names.pass, choose(PASS), "primary"),
            code,
            button(
              "fail",
              names.fail,
              choose(FAIL, () => ({ code: code.value })),
            ),
            button("other-person", names.otherPerson, choose(OTHER_PERSON)),
            button("leave", names.leave, choose(LEAVE)),
            element("label", { className: "check" }, kill, ` ${names.kill}`),
          ];
        });
      }),

    /** What the client answered, and what can be done then: `actions` by the name of the button. */
    end: ({ status, message, code }, isResumed, actions) =>
      show(() => [
        ...(isResumed ? [element("p", { className: "hint" }, text().resumed)] : []),
        element(
          "p",
          { testId: "phone-result", role: "status" },
          badge(status, text().ends[status]),
          ` ${message} `,
          element("code", {}, code),
        ),
        ...Object.entries(actions).map(([name, act]) => button(name, text().actions[name], act)),
      ]),
  };
}
