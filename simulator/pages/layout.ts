/** Text made safe to stand in HTML, also inside a quoted attribute. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `
:root { color-scheme: light; --ink: #1c2330; --soft: #667085; --line: #e4e7ec; --go: #0b6e4f; --stop: #b42318; }
* { box-sizing: border-box; }
body { margin: 0; background: #f2f4f7; color: var(--ink); font: 16px/1.6 "Noto Sans SC", sans-serif; }
main { max-width: 480px; min-height: 100vh; margin: 0 auto; padding: 24px 20px 40px; background: #fff; }
small { display: block; color: var(--soft); font-size: 12px; line-height: 1.45; }
h1 { margin: 4px 0; font-size: 24px; line-height: 1.35; }
.notice { margin: 18px 0; padding: 12px 14px; border: 1px solid #fedf89; border-radius: 12px; background: #fffaeb; }
.camera { display: grid; place-items: center; width: 208px; height: 208px; margin: 24px auto; border-radius: 50%;
  border: 3px solid var(--line); background: radial-gradient(circle at 50% 38%, #d0d5dd 0 24%, transparent 25%),
  radial-gradient(ellipse at 50% 104%, #d0d5dd 0 44%, transparent 45%), #f9fafb; }
form { margin: 14px 0 0; }
fieldset { margin: 0; padding: 0; border: 0; }
button, select { width: 100%; min-height: 48px; border-radius: 12px; font: inherit; }
button { border: 1px solid var(--line); background: #fff; color: var(--ink); cursor: pointer; }
button small { margin-top: -4px; color: inherit; opacity: .75; }
button.go { border-color: var(--go); background: var(--go); color: #fff; }
button.stop { border-color: var(--stop); color: var(--stop); }
button:focus-visible, select:focus-visible { outline: 3px solid #84caff; outline-offset: 2px; }
select { margin-bottom: 8px; padding: 0 12px; text-overflow: ellipsis; border: 1px solid var(--line); background: #fff; color: var(--ink); }
hr { margin: 22px 0 8px; border: 0; border-top: 1px solid var(--line); }
`;

/** A whole page, phone-sized, with the Chinese font that the simulator serves. `body` is HTML, `title` is text. */
export function document(title: string, body: string): string {
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/_sim/fonts/400.css">
<link rel="stylesheet" href="/_sim/fonts/700.css">
<style>${STYLE}</style>
</head>
<body><main>${body}</main></body>
</html>
`;
}

/** A page that says one thing, in both languages; `code` is the vendor's code where there is one. */
export function message(zh: string, en: string, code?: number): string {
  const shown = code === undefined ? "" : `<p data-testid="result-code">${code}</p>`;
  return document(zh, `<h1 data-testid="message">${escaped(zh)}</h1><small>${escaped(en)}</small>${shown}`);
}
