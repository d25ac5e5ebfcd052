/** The demo page: log in, choose a channel, verify, see what became of it. */
import { issue, listFunctions, login, Refused, readClock, resetClock, runTimer } from "./api.js";
import { byId, element } from "./elements.js";
import { putPhoneAway, showPhone } from "./phone.js";
import { showRecords } from "./records.js";
import { rememberStarted, session } from "./session.js";
import { localTime, switchLanguage, text, writeTexts } from "./texts.js";

const onPhone = (answer) => showPhone(answer, attempt, showRecords);

/** What happens with the answer of each channel; a new channel is one more line here and in the texts. */
const afterIssue = {
  h5: ({ start }) => location.assign(start.url),
  "mini-program": onPhone,
  eid: onPhone,
  wechat: onPhone,
};

/** The channels whose provider asks nobody who they are. */
const needIdentity = new Set(["wechat"]);

const chosenChannel = () => document.querySelector("[name=channel]:checked")?.value ?? "h5";
const givesIdentity = () => needIdentity.has(chosenChannel()) || byId("with-identity").checked;

function showError(message) {
  byId("error").textContent = message ?? "";
  byId("error").hidden = !message;
}

/** Runs something that the bundle may refuse, and shows the refusal. */
async function attempt(work) {
  showError();
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    showError(error.message);
    showSession();
  }
}

function showChannels() {
  const chosen = chosenChannel();
  byId("channels").replaceChildren(
    ...Object.keys(afterIssue).map((value) => {
      const radio = { type: "radio", name: "channel", value, checked: value === chosen };
      const [title, hint] = text().channels[value];
      return element(
        "label",
        {},
        element("input", { ...radio, testId: `channel-${value}` }),
        element("b", {}, title),
        element("small", {}, hint),
      );
    }),
  );
}

function showSession() {
  const loggedIn = Boolean(session.token);
  byId("login-form").hidden = loggedIn;
  byId("session").hidden = !loggedIn;
  byId("who").textContent = session.name ?? "";
  byId("start-fields").disabled = !loggedIn;
  byId("with-identity").disabled = needIdentity.has(chosenChannel());
  byId("identity").hidden = !givesIdentity();
}

async function showTimers() {
  const functions = await listFunctions();
  const timed = functions.filter(({ triggers }) => triggers.some(({ type }) => type === "timer"));
  const run = (name) => () =>
    attempt(async () => {
      byId("timer-answer").textContent = JSON.stringify(await runTimer(name), undefined, 2);
      byId("timer-answer").hidden = false;
      await showRecords();
    });
  byId("timers").replaceChildren(
    ...timed.map(({ name }) =>
      element("button", { type: "button", testId: `run-${name}`, onclick: run(name) }, text().runTimer(name)),
    ),
  );
}

/** A clock that was moved stays moved: the page says so, because results expire by it. */
async function showClock() {
  const { now, offsetSeconds } = await readClock();
  byId("clock").hidden = offsetSeconds === 0;
  byId("clock-text").textContent = text().movedClock(Math.round(offsetSeconds / 360) / 10, localTime(now));
}

function showAll() {
  writeTexts();
  byId("language").textContent = text().language;
  showChannels();
  showSession();
  return attempt(() => Promise.all([showClock(), showTimers(), showRecords()]));
}

/** Takes over the submission of a form. */
function onSubmit(id, work) {
  byId(id).addEventListener("submit", (event) => {
    event.preventDefault();
    void attempt(work);
  });
}

onSubmit("login-form", async () => {
  const name = byId("name").value;
  const { accessToken } = await login(name);
  session.begin(name, accessToken);
  showSession();
  await showRecords();
});

onSubmit("start-form", async () => {
  const channel = chosenChannel();
  const identity = { name: byId("person").value, idCardNumber: byId("number").value };
  const answer = await issue(channel, givesIdentity() ? { identity } : {});
  rememberStarted(answer.verificationId, channel);
  putPhoneAway();
  await afterIssue[channel](answer);
  await showRecords();
});

byId("logout").onclick = () => {
  session.end();
  putPhoneAway();
  void showAll();
};
byId("language").onclick = () => {
  switchLanguage();
  putPhoneAway();
  void showAll();
};
byId("reset-clock").onclick = () =>
  void attempt(async () => {
    await resetClock();
    await showClock();
  });
byId("refresh").onclick = () => void attempt(() => Promise.all([showClock(), showRecords()]));
byId("with-identity").onchange = showSession;
byId("channels").onchange = showSession;
// Coming back from the H5 page, also by the back button, which restores the page as it was.
addEventListener("pageshow", (event) => event.persisted && void attempt(showRecords));
void showAll();
