/** Makes elements. Text is text, never HTML: what the merchant or a provider wrote cannot become part of the page. */

/** The element of the page with this id. */
export const byId = (id) => document.getElementById(id);

/** Makes an element; `properties` are set on it, `testId` becomes `data-testid`, `aria` its ARIA attributes. */
export function element(tag, { testId, aria = {}, ...properties } = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  if (testId) made.dataset.testid = testId;
  for (const [name, value] of Object.entries(aria)) made.setAttribute(`aria-${name}`, value);
  made.append(...children.flat().filter((child) => child !== undefined && child !== ""));
  return made;
}

/** Makes an element of a drawing. */
export function drawn(tag, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/** A status as a coloured word. */
export const badge = (status, label) => element("span", { className: `badge ${status}` }, label);

/** A term with what is known of it; nothing where nothing is known. */
export const fact = (term, value) =>
  value === undefined || value === null || value === ""
    ? []
    : [element("div", {}, element("dt", {}, term), element("dd", {}, value))];
