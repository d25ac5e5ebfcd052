/** The page that a browser sees on its way back: the outcome in Chinese and in English, and nothing personal. */
import { createHash } from "node:crypto";
import type { Reason } from "../../shared/contract/verification.ts";

/** Put in by the build: base64 of WOFF2 with the characters of these texts. */
declare const PAGE_FONT: string;

/** What the page shows. */
export interface LandingView {
  readonly outcome: "passed" | "failed" | "expired" | "pending" | "unknown" | "unavailable";
  readonly reason?: Reason;
  /** Where the page replaces itself to. */
  readonly forwardTo?: string;
  /** Where to ask again in a moment, if the provider was not ready. */
  readonly retryUrl?: string;
}

/** Drawn, not written: few fonts have a tick. Paths in a box of 24 by 24. */
const marks = {
  tick: "m6 12.5 4 4 8-9",
  cross: "m7 7 10 10M17 7 7 17",
  dots: "M6 12h.01M12 12h.01M18 12h.01",
  question: "M9 9.2a3 3 0 1 1 4.4 2.7c-.9.5-1.4 1.2-1.4 2.3M12 17.6h.01",
};

interface Texts {
  readonly mark: keyof typeof marks;
  readonly zh: string;
  readonly en: string;
  readonly hintZh: string;
  readonly hintEn: string;
}

const close = { hintZh: "可以关闭此页面。", hintEn: "You can close this page." };
const texts: Readonly<Record<LandingView["outcome"], Texts>> = {
  passed: { mark: "tick", zh: "核验通过", en: "Verified", ...close },
  failed: { mark: "cross", zh: "核验未通过", en: "Not verified", ...close },
  expired: { mark: "cross", zh: "核验已过期", en: "The verification has expired", ...close },
  pending: {
    mark: "dots",
    zh: "核验尚未完成",
    en: "Not finished yet",
    hintZh: "请返回核验页面继续，或稍后再查看结果。",
    hintEn: "Go back and continue, or look at the result later.",
  },
  unknown: {
    mark: "question",
    zh: "没有找到这次核身",
    en: "There is no such verification",
    hintZh: "链接可能不完整，请重新发起核身。",
    hintEn: "The link may be incomplete; please start again.",
  },
  unavailable: {
    mark: "dots",
    zh: "暂时无法查询结果",
    en: "The result cannot be read right now",
    hintZh: "结果不会丢失，请稍后刷新此页面。",
    hintEn: "Nothing is lost; reload this page in a moment.",
  },
};

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escapeHtml = (text: string) => text.replaceAll(/[&<>"']/g, (character) => escapes[character] ?? "");

const font = typeof PAGE_FONT === "string" ? PAGE_FONT : "";
const style = `@font-face{font-family:"Zhenren";src:url(data:font/woff2;base64,${font}) format("woff2")}
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;background:#f5f6f8;color:#1d2129;
font-family:"PingFang SC","HarmonyOS Sans SC","Microsoft YaHei","Zhenren",system-ui,sans-serif}
main{width:100%;max-width:26rem;padding:2.5rem 1.5rem;text-align:center}
.mark{width:5rem;height:5rem;margin:0 auto 1.5rem;border-radius:50%;display:grid;place-items:center;background:#8a919f}
.mark svg{width:3.25rem;fill:none;stroke:#fff;stroke-width:2.2;stroke-linecap:round;stroke-linejoin:round}
.passed .mark{background:#07c160}.failed .mark,.expired .mark{background:#fa5151}.pending .mark{background:#10aeff}
h1{margin:0;font-size:1.5rem;font-weight:600}p{margin:.5rem 0;line-height:1.6}.en,.hint{color:#646a73;font-size:.9rem}
.reason{margin:1.25rem 0;padding:1rem;border-radius:.75rem;background:#fff}`;

/** Runs in the page: leaves it without an entry in the history, so that Back does not come here again. */
const script = `const m=document.querySelector("main").dataset;
if(m.forward)location.replace(m.forward);else if(m.again)setTimeout(()=>location.replace(m.again),1500)`;

const hash = (source: string) => `'sha256-${createHash("sha256").update(source).digest("base64")}'`;

/** All that the page may load: its own style, script and font. */
export const landingPolicy = [
  "default-src 'none'",
  `style-src ${hash(style)}`,
  `script-src ${hash(script)}`,
  "font-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The page as HTML. */
export function landingPage({ outcome, reason, forwardTo, retryUrl }: LandingView): string {
  const text = texts[outcome];
  const data = (name: string, value: string | undefined) =>
    value === undefined ? "" : ` data-${name}="${escapeHtml(value)}"`;
  const why = reason
    ? `<div class="reason" data-testid="reason"><p>${escapeHtml(reason.message.zh)}</p><p class="en" lang="en">${escapeHtml(reason.message.en)}</p></div>`
    : "";
  return `<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="referrer" content="no-referrer"><meta name="robots" content="noindex"><title>${text.zh}</title>
<style>${style}</style></head>
<body><main class="${outcome}" data-testid="landing" data-outcome="${outcome}"${data("forward", forwardTo)}${data("again", retryUrl)}>
<div class="mark" aria-hidden="true"><svg viewBox="0 0 24 24"><path d="${marks[text.mark]}"/></svg></div>
<h1>${text.zh}</h1><p class="en" lang="en">${text.en}</p>${why}
<p class="hint">${text.hintZh}<br><span lang="en">${text.hintEn}</span></p>
</main><script>${script}</script></body></html>
`;
}
