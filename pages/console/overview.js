/** The overview: what waits and for how long it still may, and what was charged. */
import { badge, byId, fact } from "./dom.js";
import { showBars } from "./plot.js";
import { agoOrAhead, text } from "./texts.js";

/** The hours a provider keeps a result, and the width of a bar; the contract's own. */
const KEPT_HOURS = 72;
const STEP_HOURS = 6;
/** With less than this left somebody is told (docs/operations.md). */
const NEAR_HOURS = 24;
const SHOWN_DAYS = 14;
const DAY_MS = 86_400_000;

function showFigures({ pending, unarchived, undeliveredEvents, nextPurgeAt, oldestCreatedAt, recent }) {
  const names = text();
  const states = Object.entries(recent.byStatus).map(([status, count]) =>
    badge(status, `${names.status[status]} ${count}`),
  );
  const near = nextPurgeAt && Date.parse(nextPurgeAt) - Date.now() < NEAR_HOURS * 3_600_000;
  byId("figures").replaceChildren(
    ...fact(names.pending, String(pending)),
    ...fact(names.unarchived, String(unarchived)),
    ...fact(
      names.nextPurge,
      nextPurgeAt && (near ? badge("failed", agoOrAhead(nextPurgeAt)) : agoOrAhead(nextPurgeAt)),
    ),
    ...fact(names.oldest, oldestCreatedAt && agoOrAhead(oldestCreatedAt)),
    ...fact(names.undelivered, String(undeliveredEvents)),
    ...fact(names.recent(agoOrAhead(recent.since)), states),
  );
}

function showBacklog({ hoursToPurge, unarchived }) {
  const names = text();
  const counts = new Map(hoursToPurge.map(({ from, count }) => [from, count]));
  const last = Math.max(KEPT_HOURS - STEP_HOURS, ...counts.keys());
  const froms = Array.from({ length: last / STEP_HOURS + 1 }, (_, index) => index * STEP_HOURS);
  const bars = froms.map((from) => ({
    name: String(from),
    title: names.hours(from, from + STEP_HOURS),
    value: counts.get(from) ?? 0,
    kind: from < NEAR_HOURS ? "near" : "",
  }));
  const over = { name: names.overShort, title: names.over, value: counts.get(-1) ?? 0, kind: "over" };
  const label = names.backlogLabel(unarchived, counts.get(-1) ?? 0);
  showBars(byId("backlog"), [over, ...bars], { label, columns: names.backlogColumns });
}

/** The days of China Standard Time up to today, also those on which nothing was charged. */
function lastDays(now) {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" });
  return Array.from({ length: SHOWN_DAYS }, (_, index) =>
    format.format(new Date(now - (SHOWN_DAYS - 1 - index) * DAY_MS)),
  );
}

function showCharged({ days }, now) {
  const names = text();
  const counts = new Map(days.map(({ day, charged }) => [day, charged]));
  const bars = lastDays(now).map((day) => ({ name: day.slice(5), title: day, value: counts.get(day) ?? 0 }));
  const total = bars.reduce((sum, { value }) => sum + value, 0);
  showBars(byId("charged"), bars, { label: names.chargedLabel(total), columns: names.chargedColumns });
}

/** Reads and shows the overview. */
export async function showOverview(api) {
  const [backlog, charged] = await Promise.all([api.backlog(), api.charged()]);
  showFigures(backlog);
  showBacklog(backlog);
  showCharged(charged, Date.parse(backlog.at));
}
