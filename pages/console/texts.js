/** The language of the moment, and how times are said in it. */
import { en } from "./texts-en.js";
import { zh } from "./texts-zh.js";

const KEY = "zhenren-language";
const texts = { zh, en };
let language = localStorage.getItem(KEY) === "en" ? "en" : "zh";

/** The texts in the language of the moment. */
export const text = () => texts[language];

/** Adds what a page says that is more than the console. */
export function addTexts(more) {
  for (const each of Object.keys(texts)) Object.assign(texts[each], more[each]);
}

/** `zh` or `en`. */
export const currentLanguage = () => language;

/** Goes over to the other language and remembers it. */
export function switchLanguage() {
  language = language === "zh" ? "en" : "zh";
  localStorage.setItem(KEY, language);
}

const locale = () => (language === "zh" ? "zh-CN" : "en-GB");

/** A moment as people of the language write it. */
export const localTime = (iso) =>
  new Date(iso).toLocaleString(locale(), { hour12: false, dateStyle: "short", timeStyle: "medium" });

const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** How long ago a moment was, or how far ahead it is. */
export function agoOrAhead(iso) {
  const distance = Date.parse(iso) - Date.now();
  const [unit, length] = UNITS.find(([, each]) => Math.abs(distance) >= each) ?? ["second", 1_000];
  return new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(
    Math.trunc(distance / length),
    unit,
  );
}

/** Writes the texts into every element that names one by `data-text`. */
export function writeTexts() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.title = text().pageTitle;
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = text()[element.dataset.text];
  }
  document.getElementById("language").textContent = text().otherLanguage;
  document.getElementById("views").setAttribute("aria-label", text().viewsLabel);
}
