/** Calls to the bundle through the gateway, as a page of a customer would make them. */
import { session } from "./session.js";
import { text } from "./texts.js";

/** What went wrong, in words for people: the `detail` of the problem. */
export class Refused extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

async function call(method, path, body) {
  const headers = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (session.token) headers.authorization = `Bearer ${session.token}`;
  const init = { method, headers, body: body === undefined ? undefined : JSON.stringify(body) };
  const response = await fetch(path, init).catch(() => {
    throw new Refused(text().unreachable, 0);
  });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  if (response.status === 401 && session.token) {
    session.end();
    throw new Refused(text().loggedOut, 401);
  }
  const detail = answer.detail ?? answer.error ?? answer.errorMessage ?? response.statusText;
  throw new Refused(`${detail} (${answer.code ?? response.status})`, response.status);
}

export const login = (name) => call("POST", "/login", { code: `demo-${name}` });
export const issue = (channel, request) => call("POST", `/tokens/${channel}`, request);
export const read = (id) => call("GET", `/verifications/${encodeURIComponent(id)}`);
export const finish = (id, verifyResult) =>
  call("POST", `/verifications/${encodeURIComponent(id)}/finish`, { verifyResult });
/** The person before the simulated phone does something, logged in to WeChat as this page's user. */
export const act = (token, outcome) =>
  call("POST", "/_local/simulator/complete", { token, outcome, openid: session.name });
export const listFunctions = () => call("GET", "/_local/functions");
/** The simulated time, and by how many seconds it is ahead. */
export const readClock = () => call("GET", "/_local/clock");
export const resetClock = () => call("POST", "/_local/simulator/clock", { reset: true });
export const runTimer = (name) => call("POST", `/_local/timers/${name}`);
