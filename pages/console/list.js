/** The list of verifications with its filters, a page at a time. */
import { badge, byId, element } from "./dom.js";
import { localTime, text } from "./texts.js";

const shown = { filter: {}, next: undefined, count: 0 };

const option = (value, label) => element("option", { value }, label);

function select(name, labels) {
  const field = element("select", { name, id: `filter-${name}`, testId: `filter-${name}` });
  field.append(
    option("", text().any),
    ...Object.entries(labels).map(([value, label]) => option(value, label)),
  );
  return field;
}

const labelled = (field, label) => element("div", {}, element("label", { htmlFor: field.id }, label), field);

const field = (name, type, maxLength) =>
  element("input", {
    name,
    type,
    maxLength,
    id: `filter-${name}`,
    testId: `filter-${name}`,
    autocomplete: "off",
  });

/** Builds the filters in the language of the moment, with the values that they had. */
export function showFilter() {
  const names = text();
  const form = byId("filter");
  const before = new FormData(form);
  form.replaceChildren(
    labelled(select("status", names.status), names.statusLabel),
    labelled(select("channel", names.channels), names.channelLabel),
    labelled(select("archive", names.archive), names.archiveLabel),
    labelled(field("reference", "search", 128), names.referenceLabel),
    labelled(field("since", "datetime-local", 32), names.sinceLabel),
    element("button", { type: "submit", className: "primary", testId: "search" }, names.search),
  );
  for (const [name, value] of before) form.elements[name].value = value;
}

function filterOf() {
  const { since, ...filter } = Object.fromEntries(new FormData(byId("filter")));
  return since ? { ...filter, since: new Date(since).toISOString() } : filter;
}

/** What is said of a verification in one line below its name. */
const saidOf = ({ status, reason, lastAttempt }) => {
  const said = reason ?? (status === "pending" ? lastAttempt : undefined);
  return said
    ? `${said.providerCode ?? said.code} ${said.message[document.documentElement.lang === "en" ? "en" : "zh"]}`
    : "";
};

function rowOf(verification) {
  const { verificationId, channel, status, reference, createdAt, attempts, archive } = verification;
  const names = text();
  return element(
    "li",
    { testId: "verification" },
    element(
      "a",
      { href: `#${verificationId}` },
      badge(status, names.status[status] ?? status),
      element("b", {}, names.channels[channel] ?? channel),
      element("span", { className: "grow" }, reference ?? ""),
      element("span", { className: "hint" }, localTime(createdAt)),
      element("span", { className: "hint" }, names.attempts(attempts)),
      element(
        "span",
        { className: `hint ${archive.status}` },
        names.archive[archive.status] ?? archive.status,
      ),
      element("span", { className: "wide" }, saidOf(verification)),
      element("code", { className: "wide" }, verificationId),
    ),
  );
}

/** Reads the first page, or the next one, and shows it. */
export async function showVerifications(api, { more = false } = {}) {
  if (!more) {
    shown.filter = filterOf();
    byId("more").hidden = true; // it would go on with what was shown before
  }
  const before = more ? shown.next : undefined;
  const { verifications, next } = await api.verifications({ ...shown.filter, before });
  const rows = verifications.map(rowOf);
  if (more) byId("found").append(...rows);
  else byId("found").replaceChildren(...rows);
  shown.count = (more ? shown.count : 0) + rows.length;
  shown.next = next;
  byId("more").hidden = next === undefined;
  byId("nothing").textContent =
    next === undefined ? text().found(shown.count) : text().foundSoFar(shown.count);
  if (more) byId("found").children[shown.count - rows.length]?.querySelector("a").focus();
}
