/**
 * What a client does, by plain requests: login, token, the person's part, finish. The person's part is a control of the
 * simulator; on a real phone the vendor's SDK or page takes its place.
 */
import { Refused } from "../console/api.js";
import { currentLanguage, text } from "../console/texts.js";
import { recordCall } from "./calls.js";

/** Sends a request and answers its JSON. Throws {@link Refused} with the problem's own words. */
export async function send(method, path, { bearer, body } = {}) {
  recordCall({ method, path, bearer, body });
  const response = await fetch(path, {
    method,
    headers: {
      "accept-language": currentLanguage(),
      ...(bearer && { authorization: `Bearer ${bearer}` }),
      ...(body && { "content-type": "application/json" }),
    },
    ...(body && { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new Refused(text().unreachable, 0);
  });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  const detail = answer.detail ?? answer.error ?? response.statusText;
  throw new Refused(`${detail} (${answer.code ?? response.status})`, response.status);
}

const finishPath = (id) => `/verifications/${encodeURIComponent(id)}/finish`;

/** Starts a verification for a user; answers all that is needed to go on, also after a reload. */
export async function startVerification(user, channel, request) {
  const { accessToken: bearer } = await send("POST", "/login", { body: { code: `demo-${user}` } });
  const { verificationId, start } = await send("POST", `/tokens/${channel}`, { bearer, body: request });
  return { user, bearer, channel, verificationId, start };
}

/** The person before the phone does something; then the client says so. Answers the verification. */
export async function finishAttempt({ user, bearer, verificationId, start }, outcome) {
  const body = { token: tokenOf(start), outcome, openid: user };
  const { verifyResult } = await send("POST", "/_local/simulator/complete", { body });
  return send("POST", finishPath(verificationId), { bearer, body: verifyResult ? { verifyResult } : {} });
}

/** The person gives up. */
export const giveUp = ({ bearer, verificationId }) =>
  send("POST", finishPath(verificationId), { bearer, body: { giveUp: true } });

/** What is known of the verification now, after asking the provider. */
export const readAgain = ({ bearer, verificationId }) =>
  send("POST", finishPath(verificationId), { bearer, body: {} });

/** The provider's token: by itself, or in the address of the provider's page. */
export const tokenOf = ({ url, ...tokens }) =>
  Object.values(tokens)[0] ?? new URL(url).searchParams.get("token");
