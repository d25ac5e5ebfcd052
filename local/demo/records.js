/** The list of verifications with the state that the bundle gives them. */
import { read } from "./api.js";
import { byId, element } from "./elements.js";
import { session, startedHere } from "./session.js";
import { currentLanguage, localTime, text } from "./texts.js";

function recordOf(verification) {
  const { verificationId, channel, status, createdAt, reason, lastAttempt, attempts, archive } = verification;
  const said = (reason ?? (status === "pending" ? lastAttempt : undefined))?.message?.[currentLanguage()];
  const facts = [localTime(createdAt), text().attempts(attempts ?? 0)];
  if (status !== "pending") facts.push(text().archive[archive?.status] ?? "");
  return element(
    "li",
    { testId: "record" },
    element(
      "div",
      { className: "row spread" },
      element("b", {}, text().channels[channel]?.[0] ?? channel),
      element(
        "span",
        { className: `status ${status}`, testId: "record-status" },
        text().status[status] ?? status,
      ),
    ),
    said ? element("p", { testId: "record-reason" }, said) : undefined,
    element("p", { className: "hint" }, facts.filter(Boolean).join(" · ")),
    element("p", { className: "hint", testId: "record-id" }, verificationId),
  );
}

/** Reads each verification anew and shows the list. What the bundle does not know any more is left out. */
export async function showRecords() {
  const started = session.token ? startedHere() : [];
  const answers = await Promise.all(started.map(({ id }) => read(id).catch(() => undefined)));
  const found = answers.filter(Boolean);
  byId("records").replaceChildren(...found.map(recordOf));
  byId("nothing").hidden = found.length > 0;
}
