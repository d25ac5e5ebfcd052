/** One verification: what happened to it, in order, in a dialog. */
import { badge, byId, element, fact } from "./dom.js";
import { agoOrAhead, localTime, text } from "./texts.js";

const step = (at, title, said = "", kind = "") => ({ at, title, said, kind });

/** Everything that has a time, oldest first; what is still to come is last. */
function stepsOf({
  verification,
  purgeAt,
  observedAt,
  settledBy,
  attempts,
  resultTokens,
  events,
  archivedKinds,
}) {
  const names = text();
  const { createdAt, expiresAt, settledAt, status, archive } = verification;
  const charged = (value) =>
    value === null ? names.chargeUnknown : value ? names.charged : names.notCharged;
  const delivery = ({ delivery: state, tries, deliveredAt, nextTryAt }) =>
    names.delivery[state]({ tries, at: localTime(deliveredAt ?? nextTryAt ?? createdAt) });
  const kept = (archivedKinds ?? []).map((kind) => names.kinds[kind] ?? kind);
  const missing = (archive.missing ?? []).map(
    ({ kind, reason }) => `${names.kinds[kind] ?? kind} (${reason})`,
  );
  const all = [
    step(createdAt, names.tokenRequested),
    ...attempts.map(({ at, code, charged: paid }) =>
      step(at, names.attempt, `${code ?? "–"} · ${charged(paid)}`),
    ),
    ...resultTokens.map((at) => step(at, names.resultToken)),
    observedAt && step(observedAt, names.providerAsked),
    settledAt &&
      step(settledAt, `${names.settled}：${names.status[status]}`, names.settledBy[settledBy] ?? "", status),
    ...events.map((event) =>
      step(event.at, `${names.event} ${event.alarm ?? event.type}`, delivery(event), event.delivery),
    ),
    archive.archivedAt && step(archive.archivedAt, names.archived, kept.join("、")),
    missing.length > 0 &&
      step(archive.archivedAt ?? settledAt ?? createdAt, names.missing, missing.join("、"), "failed"),
    step(expiresAt, names.tokenEnds),
    purgeAt && step(purgeAt, names.purge),
  ];
  return all.filter(Boolean).sort((one, other) => one.at.localeCompare(other.at));
}

function stepElement({ at, title, said, kind }) {
  const isAhead = Date.parse(at) > Date.now();
  return element(
    "li",
    { className: `${kind} ${isAhead ? "ahead" : ""}` },
    element("b", {}, title),
    element("span", {}, said),
    element("time", { dateTime: at, title: agoOrAhead(at) }, localTime(at)),
  );
}

/** Reads a verification and opens the dialog, or fills the open one anew. */
export async function showTimeline(api, id) {
  const read = await api.timeline(id);
  const names = text();
  const { channel, status, reference, reason, lastAttempt, archive, attempts, identity } = read.verification;
  const said = reason ?? lastAttempt;
  byId("timeline-title").replaceChildren(
    badge(status, names.status[status]),
    ` ${names.channels[channel] ?? channel}`,
  );
  byId("facts").replaceChildren(
    ...fact("id", element("code", {}, id)),
    ...fact(names.referenceLabel, reference),
    ...fact(names.reason, said && `${said.providerCode ?? ""} ${said.code}`),
    ...fact(names.attemptsLabel, String(attempts)),
    ...fact(names.identityLabel, names.identity[identity]),
    ...fact(names.archiveLabel, names.archive[archive.status]),
  );
  byId("steps").replaceChildren(...stepsOf(read).map(stepElement));
  const dialog = byId("timeline");
  if (!dialog.open) dialog.showModal();
}
