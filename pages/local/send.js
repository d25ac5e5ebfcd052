/** Requests of this page. Each is remembered, so that it can be copied as a command. */
import { Refused } from "../console/api.js";
import { currentLanguage, text } from "../console/texts.js";
import { recordCall } from "./calls.js";

/** Sends what the client wants to be sent, as it is. */
export function sendAsIs(url, { method, headers, body }) {
  recordCall({ method, path: url.replace(location.origin, ""), headers, body });
  return fetch(url, { method, headers, body });
}

/** Sends a request and answers its JSON. Throws {@link Refused} with the problem's own words. */
export async function send(method, path, { body } = {}) {
  const headers = {
    "accept-language": currentLanguage(),
    ...(body && { "content-type": "application/json" }),
  };
  const response = await sendAsIs(path, { method, headers, body: body && JSON.stringify(body) }).catch(() => {
    throw new Refused(text().unreachable, 0);
  });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  const detail = answer.detail ?? answer.error ?? response.statusText;
  throw new Refused(`${detail} (${answer.code ?? response.status})`, response.status);
}
