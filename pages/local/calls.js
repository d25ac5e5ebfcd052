/** The requests of this page, to be copied as commands that run: curl, `wx.request` or `fetch`. */
import { byId, element } from "../console/dom.js";
import { text } from "../console/texts.js";

const MAX_KEPT = 50;
const calls = [];

/** Remembers a request: `{method, path, headers, body?}`, the body as the text that is sent. */
export function recordCall(call) {
  calls.unshift({ ...call, at: new Date() });
  calls.splice(MAX_KEPT);
}

/** Quotes for a shell: whatever is inside stays what it is. */
const quoted = (argument) => `'${argument.replaceAll("'", `'\\''`)}'`;

const source = (value) => JSON.stringify(value, undefined, 2);

/** How a request is written, by the name of the way. */
export const writtenAs = {
  curl: ({ method, path, headers, body }) =>
    [
      `curl -sS -X ${method} ${quoted(location.origin + path)}`,
      ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
      ...(body ? [`-d ${quoted(body)}`] : []),
    ].join(" "),
  wx: ({ method, path, headers, body }) => {
    const url = location.origin + path;
    const options = source({ url, method, header: headers, ...(body && { data: JSON.parse(body) }) });
    return `wx.request({ ...${options}, success: ({ data }) => console.log(data) });`;
  },
  fetch: ({ method, path, headers, body }) => {
    const sent = body ? `, body: JSON.stringify(${source(JSON.parse(body))})` : "";
    const options = source({ method, headers });
    return `await (await fetch(${source(location.origin + path)}, { ...${options}${sent} })).json()`;
  },
};

async function copy(way, call) {
  const written = writtenAs[way](call);
  byId("copied").textContent = written;
  byId("copied").hidden = false;
  // Where the page may not use the clipboard, the text can still be marked and copied by hand.
  await navigator.clipboard?.writeText(written).catch(() => {});
}

function rowOf(call) {
  const button = (way) =>
    element(
      "button",
      {
        type: "button",
        className: "quiet",
        testId: `copy-${way}`,
        aria: { label: text().copyAs(way, `${call.method} ${call.path}`) },
        onclick: () => void copy(way, call),
      },
      way,
    );
  return element(
    "li",
    { testId: "call" },
    element(
      "div",
      {},
      element("code", { className: "grow" }, `${call.method} ${call.path}`),
      ...Object.keys(writtenAs).map(button),
    ),
  );
}

/** Shows the requests, the newest first. */
export const showCalls = () => byId("calls").replaceChildren(...calls.map(rowOf));
