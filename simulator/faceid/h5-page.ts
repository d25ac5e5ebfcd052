import { document, escaped } from "../pages/layout.ts";
import { RESULT_CODES } from "./result-codes.ts";

const USUAL_FAILURE = 2006;

/** The page on which a person is verified, with a button for each thing that can happen in front of a camera. */
export function h5Page(token: string): string {
  return document(
    "人脸核身（模拟）",
    `<small>示例业务 · Example business</small>
<h1>人脸核身</h1>
<small>Face verification</small>
<div class="notice">这是模拟页面：不会打开摄像头，也不会采集任何人脸。请选择这次核身的结果。
<small>This page is simulated: no camera is opened and no face is recorded. Choose how the verification ends.</small></div>
<div class="camera" role="img" aria-label="模拟的取景框"></div>
${form(token, "passed", '<button class="go" data-testid="pass">通过<small>Pass</small></button>')}
${form(
  token,
  "code",
  `<select name="code" data-testid="code" aria-label="失败的结果码">${options()}</select>
<button class="stop" data-testid="fail">失败<small>Fail with this code</small></button>`,
)}
${form(token, "other-person", '<button data-testid="other-person">换人<small>Another person passes</small></button>')}
<hr>
${form(token, "walk-away", '<button data-testid="walk-away">离开<small>Walk away</small></button>')}`,
  );
}

function form(token: string, action: string, controls: string): string {
  return `<form method="post" action="/h5"><input type="hidden" name="token" value="${escaped(token)}">
<input type="hidden" name="action" value="${action}"><fieldset>${controls}</fieldset></form>`;
}

function options(): string {
  return RESULT_CODES.map(({ code, zh, en }) => {
    const selected = code === USUAL_FAILURE ? " selected" : "";
    return `<option value="${code}"${selected}>${code} ${zh} · ${en}</option>`;
  }).join("");
}
