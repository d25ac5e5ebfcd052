/** Bars as an inline SVG, drawn at the size of its place, with the same figures as a table for those who do not see it. */
import { drawn, element } from "./dom.js";
import { text } from "./texts.js";

const HEIGHT = 180;
const FOOT = 22;
const HEAD = 18;
/** Room that a label below needs. */
const LABEL_WIDTH = 44;

function drawing(bars, width, label) {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  const step = width / bars.length;
  const every = Math.ceil(LABEL_WIDTH / step);
  const parts = bars.flatMap(({ name, value, kind = "" }, index) => {
    const height = ((HEIGHT - FOOT - HEAD) * value) / most;
    const middle = (index + 0.5) * step;
    const y = HEIGHT - FOOT - height;
    const box = { x: middle - step * 0.36, y, width: step * 0.72, height, rx: 2, class: `bar ${kind}` };
    return [
      drawn("rect", box),
      ...(value > 0 ? [drawn("text", { x: middle, y: y - 5, class: "value" }, String(value))] : []),
      ...(index % every === 0 ? [drawn("text", { x: middle, y: HEIGHT - 6 }, name)] : []),
    ];
  });
  const line = { x1: 0, x2: width, y1: HEIGHT - FOOT, y2: HEIGHT - FOOT, class: "axis" };
  const size = { width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}` };
  return drawn("svg", { ...size, role: "img", "aria-label": label }, ...parts, drawn("line", line));
}

function tableOf(bars, [first, second]) {
  const row = (tag, cells) => element("tr", {}, ...cells.map((cell) => element(tag, {}, cell)));
  return element(
    "details",
    {},
    element("summary", {}, text().asTable),
    element(
      "table",
      {},
      row("th", [first, second]),
      ...bars.map(({ title, name, value }) => row("td", [title ?? name, String(value)])),
    ),
  );
}

/** Puts bars `{name, value, title?, kind?}` into a place; `columns` are the heads of the table. */
export function showBars(place, bars, { label, columns }) {
  const draw = () => {
    const width = Math.max(240, Math.floor(place.clientWidth));
    place.firstElementChild?.replaceWith(drawing(bars, width, label));
  };
  place.replaceChildren(element("div"), tableOf(bars, columns));
  draw();
  place.onresize = draw;
}

addEventListener("resize", () => {
  for (const place of document.querySelectorAll(".plot")) place.onresize?.();
});
