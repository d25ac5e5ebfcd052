import type { Clock } from "../clock.ts";
import { type Incoming, type Reply, type Route, redirect } from "../exchange.ts";
import { escapeHtml, htmlPage, returnUrl } from "../pages.ts";
import { type Attempts, type Outcome, parseOutcome } from "./attempts.ts";
import type { Flow, Flows } from "./flows.ts";
import { RESULT_CODES, wordingOf } from "./result-codes.ts";

const USUAL_FAILURE = 2006;

/** What differs between the pages of FaceID and eID. */
export interface FlowPageRules {
  readonly path: string;
  readonly zh: string;
  readonly en: string;
  /** Whether flows issued for this RuleId or MerchantId have a page. */
  hasPage(issuedFor: string): boolean;
  /** The parameters added to the query of the RedirectUrl. */
  returned(flow: Flow): readonly (readonly [name: string, value: string])[];
}

/** The page behind the `Url` that is issued with a token, and the actions of its buttons. */
export function flowPageRoutes(
  rules: FlowPageRules,
  flows: Flows,
  attempts: Attempts,
  clock: Clock,
): readonly Route[] {
  const pages = new FlowPages(rules, flows, attempts, clock);
  return [
    { method: "GET", path: rules.path, handle: (incoming) => pages.open(incoming) },
    { method: "POST", path: rules.path, handle: (incoming) => pages.submit(incoming) },
  ];
}

class FlowPages {
  constructor(
    private readonly rules: FlowPageRules,
    private readonly flows: Flows,
    private readonly attempts: Attempts,
    private readonly clock: Clock,
  ) {}

  open({ query }: Incoming): Reply {
    return this.withFlow(query.get("token"), (flow) => {
      if (!flow.opened) this.flows.put({ ...flow, opened: true });
      return htmlPage(`${this.rules.zh}（模拟）`, flowPageBody(this.rules, flow.token), this.clock);
    });
  }

  submit({ body }: Incoming): Reply {
    const fields = new URLSearchParams(body.toString("utf8"));
    return this.withFlow(fields.get("token"), (flow) => {
      const action = fields.get("action") ?? "";
      if (action === "walk-away") {
        return this.message("已离开，本次核身没有完成", "You walked away: the verification is not finished.");
      }
      const outcome = outcomeOf(action, fields.get("code") ?? "", flow);
      if (outcome !== undefined) return this.attempt(flow, outcome);
      return this.message("未知操作", "This button is not known.", { status: 400 });
    });
  }

  /** Calls `handle` with the flow of the token, when it has a page and is still alive. */
  private withFlow(token: string | null, handle: (flow: Flow) => Reply): Reply {
    const flow = this.flows.find(token ?? "");
    if (!flow) return this.message("链接无效", "No such token was issued.", { status: 404 });
    if (!this.rules.hasPage(flow.issuedFor)) {
      const en = "This token's RuleId is a mini-program's; it has no H5 page.";
      return this.message("请在小程序中完成核身", en, { status: 403 });
    }
    const rejection = this.attempts.rejection(flow);
    if (!rejection) return handle(flow);
    return this.message(wordingOf(rejection.code), rejection.message, rejection);
  }

  /** Success and failure return to the same address; without a usable one the flow ends here. */
  private attempt(flow: Flow, outcome: Outcome): Reply {
    const result = this.attempts.attempt(flow, outcome);
    if (!result.ok) return this.message(wordingOf(result.code), result.message, result);
    const target = returnUrl(flow.redirectUrl, this.rules.returned(flow));
    if (target !== undefined) return redirect(target);
    const en = "The flow ends here: no valid RedirectUrl was given.";
    return this.message(wordingOf(result.attempt.code), en, result.attempt);
  }

  /** A page with one message in both languages; `code` is the vendor's result code, where there is one. */
  private message(zh: string, en: string, { status, code }: { status?: number; code?: number } = {}): Reply {
    const shown = code === undefined ? "" : `<p data-testid="result-code">${code}</p>`;
    const body = `<h1 data-testid="message">${escapeHtml(zh)}</h1><small>${escapeHtml(en)}</small>${shown}`;
    return htmlPage(zh, body, this.clock, status);
  }
}

function outcomeOf(action: string, code: string, flow: Flow): Outcome | undefined {
  if (action === "passed" || action === "other-person") return action;
  return action === "code" ? parseOutcome(code, flow) : undefined;
}

/** The page on which a person is verified, with a button for each thing that can happen in front of a camera. */
function flowPageBody({ path, zh, en }: FlowPageRules, token: string): string {
  const form = (action: string, controls: string) =>
    `<form method="post" action="${path}"><input type="hidden" name="token" value="${escapeHtml(token)}">
<input type="hidden" name="action" value="${action}"><fieldset>${controls}</fieldset></form>`;
  const options = RESULT_CODES.map((result) => {
    const selected = result.code === USUAL_FAILURE ? " selected" : "";
    return `<option value="${result.code}"${selected}>${result.code} ${result.zh} · ${result.en}</option>`;
  });
  return `<small>示例业务 · Example business</small>
<h1>${zh}</h1>
<small>${en}</small>
<div class="notice">这是模拟页面：不会打开摄像头，也不会采集任何人脸。请选择这次核身的结果。
<small>This page is simulated: no camera is opened and no face is recorded. Choose how the verification ends.</small></div>
<div class="camera" role="img" aria-label="模拟的取景框"></div>
${form("passed", '<button class="go" data-testid="pass">通过<small>Pass</small></button>')}
${form(
  "code",
  `<select name="code" data-testid="code" aria-label="失败的结果码">${options.join("")}</select>
<button class="stop" data-testid="fail">失败<small>Fail with this code</small></button>`,
)}
${form("other-person", '<button data-testid="other-person">换人<small>Another person passes</small></button>')}
<hr>
${form("walk-away", '<button data-testid="walk-away">离开<small>Walk away</small></button>')}`;
}
