/** Makes an element; `properties` are set on it, `testId` becomes `data-testid`. Text is text, never HTML. */
export function element(tag, { testId, ...properties } = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  if (testId) made.dataset.testid = testId;
  made.append(...children.filter((child) => child !== undefined && child !== ""));
  return made;
}

/** The element of the page with this id. */
export const byId = (id) => document.getElementById(id);
