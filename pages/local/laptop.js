/** What only a laptop has: the simulated clock, faults, timers by hand, the events that arrived, and the page's requests. */
import { badge, byId, element } from "../console/dom.js";
import { localTime, text } from "../console/texts.js";
import { showCalls } from "./calls.js";
import { send } from "./send.js";

const KINDS = ["http-500", "timeout", "rate-limit", "bad-json", "reset", "after-effect"];
const SECONDS_PER_HOUR = 3_600;

async function showClock() {
  const { now, offsetSeconds } = await send("GET", "/_local/clock");
  const hours = Math.round((offsetSeconds / SECONDS_PER_HOUR) * 10) / 10;
  byId("clock-text").textContent =
    hours === 0 ? text().clockIsReal : text().movedClock(hours, localTime(now));
}

async function showTimers(attempt, changed) {
  const functions = await send("GET", "/_local/functions");
  const timed = functions.filter(({ triggers }) => triggers.some(({ type }) => type === "timer"));
  const run = (name) => () =>
    attempt(async () => {
      byId("timer-answer").textContent = JSON.stringify(
        await send("POST", `/_local/timers/${name}`),
        undefined,
        2,
      );
      byId("timer-answer").hidden = false;
      await changed();
    });
  const button = ({ name }) =>
    element("button", { type: "button", testId: `run-${name}`, onclick: run(name) }, name);
  byId("timers").replaceChildren(...timed.map(button));
}

async function showFaults() {
  const apis = Object.keys(await send("GET", "/_local/simulator/calls"));
  const chosen = byId("fault-api").value;
  byId("fault-api").replaceChildren(...apis.map((api) => element("option", { value: api }, api)));
  if (chosen) byId("fault-api").value = chosen;
  byId("fault-kinds").replaceChildren(...KINDS.map((value) => element("option", { value })));
}

function eventRow({ receivedAt, signature, body }) {
  const id = body?.data?.verificationId ?? body?.data?.verification?.verificationId;
  return element(
    "li",
    { testId: "event" },
    element(
      "div",
      {},
      badge(signature === "valid" ? "passed" : "failed", text().signature[signature]),
      element("b", { className: "grow" }, body?.type ?? "?"),
      element("span", { className: "hint" }, localTime(receivedAt)),
      element(
        "span",
        { className: "wide" },
        id ? element("a", { href: `#${id}` }, element("code", {}, id)) : "",
      ),
      element(
        "details",
        { className: "wide" },
        element("summary", {}, text().body),
        element("pre", { tabIndex: 0 }, JSON.stringify(body, undefined, 2)),
      ),
    ),
  );
}

async function showInbox() {
  const items = await send("GET", "/_local/webhooks");
  byId("inbox").replaceChildren(...items.map(eventRow));
}

/** Takes over the controls. `attempt` runs what may be refused; `changed` runs after what may change a verification. */
export function startLaptop({ attempt, changed }) {
  byId("clock-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const { name, value } = event.submitter;
    const body = name === "reset" ? { reset: true } : { advance: value };
    void attempt(async () => {
      await send("POST", "/_local/simulator/clock", { body });
      await changed();
    });
  });
  byId("faults-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const { api, kind, count } = Object.fromEntries(new FormData(event.target));
    void attempt(async () => {
      await send("POST", "/_local/simulator/faults", { body: { api, kind, count: Number(count) } });
      byId("faults-answer").textContent = text().faultPlanned(api, kind, count);
    });
  });
  byId("clear-faults").onclick = () =>
    void attempt(async () => {
      await send("DELETE", "/_local/simulator/faults");
      byId("faults-answer").textContent = text().faultsCleared;
    });
  byId("deliver").onclick = () =>
    void attempt(async () => {
      await send("POST", "/_local/timers/deliver");
      await changed();
    });
  /** Reads and shows the view. */
  return async () => {
    await Promise.all([showClock(), showTimers(attempt, changed), showFaults(), showInbox()]);
    showCalls();
  };
}
