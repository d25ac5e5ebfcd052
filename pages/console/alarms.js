/** The alarms that were raised, newest first. */
import { badge, byId, element } from "./dom.js";
import { localTime, text } from "./texts.js";

let next;

function rowOf({ alarm, at, verificationId, timer, delivery, tries }) {
  const names = text();
  const about = verificationId
    ? element("a", { href: `#${verificationId}` }, element("code", {}, verificationId))
    : element("code", {}, timer ?? "");
  return element(
    "li",
    { testId: "alarm" },
    element(
      "div",
      {},
      badge("failed", alarm ?? "?"),
      element("span", { className: "grow" }, names.alarmNames[alarm] ?? ""),
      element("span", { className: "hint" }, localTime(at)),
      element("span", { className: "hint" }, names.deliveryShort[delivery]({ tries })),
      element("span", { className: "wide" }, about),
    ),
  );
}

/** Reads the first page, or the next one, and shows it. */
export async function showAlarms(api, { more = false } = {}) {
  const page = await api.alarms(more ? next : undefined);
  next = page.next;
  const rows = page.alarms.map(rowOf);
  if (more) byId("alarm-list").append(...rows);
  else byId("alarm-list").replaceChildren(...rows);
  byId("no-alarms").textContent = byId("alarm-list").children.length === 0 ? text().noAlarms : "";
  byId("more-alarms").hidden = next === undefined;
}
