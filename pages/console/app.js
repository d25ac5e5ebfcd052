/** The console: who looks, which view, and what goes wrong. */
import { showAlarms } from "./alarms.js";
import { consoleApi, Refused } from "./api.js";
import { byId } from "./dom.js";
import { showFilter, showVerifications } from "./list.js";
import { showOverview } from "./overview.js";
import { session } from "./session.js";
import { switchLanguage, writeTexts } from "./texts.js";
import { showTimeline } from "./timeline.js";

const ownViews = { overview: showOverview, verifications: showVerifications, alarms: showAlarms };

/**
 * Starts the console on its document. `base`: the path of `GET /console`. `obtainToken`: where a token comes from without
 * asking anybody. `onCall` hears of every request, `onLanguage` of every change of the language. `moreViews`: what shows the
 * views that the page has beside the console's own.
 */
export function startConsole({ base, obtainToken, onCall, onLanguage = () => {}, moreViews = {} }) {
  const views = { ...ownViews, ...moreViews };
  let reading = new AbortController();
  let view = "overview";

  function showError(message) {
    byId("error").textContent = message ?? "";
    byId("error").hidden = !message;
  }

  /** Runs what may be refused and shows the refusal; without a right token the form for one. */
  async function attempt(work) {
    showError();
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.status === 401 || error.status === 403) session.end();
      showError(error.message);
      showSession();
    }
  }

  function showSession() {
    const isIn = Boolean(session.token);
    byId("sign-in").hidden = isIn;
    byId("views").hidden = !isIn;
    byId("sign-out").hidden = !isIn || Boolean(obtainToken);
    for (const name of Object.keys(views)) byId(name).hidden = !isIn || name !== view;
    for (const link of document.querySelectorAll("nav a")) {
      if (link.hash === `#${view}`) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  /** Shows what is read, unless something else is asked for before the answer comes: a late one would write over a newer one. */
  const read = (show) =>
    attempt(async () => {
      reading.abort();
      reading = new AbortController();
      const { signal } = reading;
      await show(consoleApi(base, signal, onCall)).catch((error) => {
        if (!signal.aborted) throw error;
      });
    });

  /** Shows what the address says: a view, or one verification above the view there is. */
  const showPlace = () =>
    read(async (api) => {
      const place = location.hash.slice(1);
      if (Object.hasOwn(views, place)) view = place;
      showSession();
      if (!session.token) return;
      if (place.startsWith("ver_")) return showTimeline(api, place);
      // Closing reads the view anew.
      if (byId("timeline").open) return byId("timeline").close();
      await views[view](api);
    });

  const showAll = () => {
    writeTexts();
    showFilter();
    onLanguage();
    return showPlace();
  };

  byId("sign-in").addEventListener("submit", (event) => {
    event.preventDefault();
    session.begin(
      byId("token")
        .value.trim()
        .replace(/^Bearer\s+/i, ""),
    );
    byId("token").value = "";
    void showPlace();
  });
  byId("filter").addEventListener("submit", (event) => {
    event.preventDefault();
    void showPlace();
  });
  byId("filter").addEventListener("change", () => void showPlace());
  byId("timeline").addEventListener("close", () => {
    history.replaceState(undefined, "", `#${view}`);
    void showPlace();
  });
  byId("close").onclick = () => byId("timeline").close();
  byId("more").onclick = () => void read((api) => showVerifications(api, { more: true }));
  byId("more-alarms").onclick = () => void read((api) => showAlarms(api, { more: true }));
  byId("refresh").onclick = () => void showPlace();
  byId("sign-out").onclick = () => {
    session.end();
    reading.abort();
    showSession();
    byId("token").focus();
  };
  byId("language").onclick = () => {
    switchLanguage();
    void showAll();
  };
  addEventListener("hashchange", () => void showPlace());

  const start = async () => {
    if (obtainToken) session.begin(await obtainToken());
    await showAll();
    if (!session.token) byId("token").focus();
  };
  void start();
  return { attempt, refresh: showPlace };
}
