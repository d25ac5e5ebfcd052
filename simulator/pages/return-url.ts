/**
 * The address to which a page sends the browser back: `url` with `parameters` appended to its query, what is there being
 * kept as it is. Undefined when `url` is no absolute http(s) address; the real pages end on a page of the vendor's then.
 */
export function returnUrl(
  url: string | undefined,
  parameters: readonly (readonly [name: string, value: string])[],
): string | undefined {
  if (url === undefined || !/^https?:\/\//i.test(url) || !URL.canParse(url)) return undefined;
  const [address = "", ...fragment] = url.split("#");
  const added = parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
  const joint = !address.includes("?") ? "?" : /[?&]$/.test(address) ? "" : "&";
  const whole = [`${address}${joint}${added}`, ...fragment].join("#");
  // A header takes no control characters and nothing beyond Latin-1: the parsed form has neither.
  return new URL(whole).href;
}
