import { document, escaped } from "../pages/layout.ts";
import { RESULT_CODES } from "./result-codes.ts";

const USUAL_FAILURE = 2006;

/** What a page is called and where its forms go. */
export interface FlowPage {
  readonly path: string;
  readonly zh: string;
  readonly en: string;
}

/** The page on which a person is verified, with a button for each thing that can happen in front of a camera. */
export function flowPage({ path, zh, en }: FlowPage, token: string): string {
  const form = (action: string, controls: string) =>
    `<form method="post" action="${path}"><input type="hidden" name="token" value="${escaped(token)}">
<input type="hidden" name="action" value="${action}"><fieldset>${controls}</fieldset></form>`;
  return document(
    `${zh}（模拟）`,
    `<small>示例业务 · Example business</small>
<h1>${zh}</h1>
<small>${en}</small>
<div class="notice">这是模拟页面：不会打开摄像头，也不会采集任何人脸。请选择这次核身的结果。
<small>This page is simulated: no camera is opened and no face is recorded. Choose how the verification ends.</small></div>
<div class="camera" role="img" aria-label="模拟的取景框"></div>
${form("passed", '<button class="go" data-testid="pass">通过<small>Pass</small></button>')}
${form(
  "code",
  `<select name="code" data-testid="code" aria-label="失败的结果码">${options()}</select>
<button class="stop" data-testid="fail">失败<small>Fail with this code</small></button>`,
)}
${form("other-person", '<button data-testid="other-person">换人<small>Another person passes</small></button>')}
<hr>
${form("walk-away", '<button data-testid="walk-away">离开<small>Walk away</small></button>')}`,
  );
}

function options(): string {
  return RESULT_CODES.map(({ code, zh, en }) => {
    const selected = code === USUAL_FAILURE ? " selected" : "";
    return `<option value="${code}"${selected}>${code} ${zh} · ${en}</option>`;
  }).join("");
}
