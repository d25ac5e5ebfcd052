/** Reads the console's routes, which are below the address of the page itself. */
import { session } from "./session.js";
import { currentLanguage, text } from "./texts.js";

/** What went wrong, in words for people. `status` is 0 where nothing answered. */
export class Refused extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** Makes the calls. `base` is the path of `GET /console`; `onCall` hears of each of them; once `signal` is aborted, a call fails even if its answer has come. */
export function consoleApi(base, signal, onCall = () => {}) {
  async function get(path, query = {}) {
    const given = Object.entries(query).filter(([, value]) => value);
    const search = given.length > 0 ? `?${new URLSearchParams(given)}` : "";
    const url = `${base}${path}${search}`;
    onCall("GET", url);
    const headers = { authorization: `Bearer ${session.token}`, "accept-language": currentLanguage() };
    const response = await fetch(url, { headers, cache: "no-store", signal }).catch(() => {
      signal.throwIfAborted();
      throw new Refused(text().unreachable, 0);
    });
    const answer = await response.json().catch(() => ({}));
    signal.throwIfAborted();
    if (response.ok) return answer;
    throw new Refused(
      `${answer.detail ?? response.statusText} (${answer.code ?? response.status})`,
      response.status,
    );
  }
  return {
    verifications: (filter) => get("/verifications", filter),
    timeline: (id) => get(`/timelines/${encodeURIComponent(id)}`),
    backlog: () => get("/backlog"),
    alarms: (before) => get("/alarms", { before }),
    charged: () => get("/charged-attempts"),
  };
}
