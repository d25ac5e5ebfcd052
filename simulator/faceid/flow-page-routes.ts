import { type Answer, type Incoming, page, type Route, redirect } from "../exchange.ts";
import { message } from "../pages/layout.ts";
import { returnUrl } from "../pages/return-url.ts";
import { type Attempts, type Outcome, parseOutcome } from "./attempts.ts";
import { type FlowPage, flowPage } from "./flow-page.ts";
import type { Flow, Flows } from "./flows.ts";
import { wordingOf } from "./result-codes.ts";

/** What a product decides about its pages. */
export interface FlowPageRules extends FlowPage {
  /** Whether flows issued for this RuleId or MerchantId have a page at all. */
  hasPage(issuedFor: string): boolean;
  /** What is put into the query of the RedirectUrl. */
  returned(flow: Flow): readonly (readonly [name: string, value: string])[];
}

/** The page behind the `Url` that is issued with a token, and what its buttons do. */
export function flowPageRoutes(rules: FlowPageRules, flows: Flows, attempts: Attempts): readonly Route[] {
  const pages = new FlowPages(rules, flows, attempts);
  return [
    { method: "GET", path: rules.path, handle: (incoming) => pages.opened(incoming) },
    { method: "POST", path: rules.path, handle: (incoming) => pages.pressed(incoming) },
  ];
}

class FlowPages {
  constructor(
    private readonly rules: FlowPageRules,
    private readonly flows: Flows,
    private readonly attempts: Attempts,
  ) {}

  opened({ query }: Incoming): Answer {
    const flow = this.flows.find(query.get("token") ?? "");
    if (!flow) return unknownToken();
    const refusal = this.refusal(flow);
    if (refusal) return refusal;
    this.flows.open(flow);
    return page(flowPage(this.rules, flow.token));
  }

  pressed({ body }: Incoming): Answer {
    const fields = new URLSearchParams(body.toString("utf8"));
    const flow = this.flows.find(fields.get("token") ?? "");
    if (!flow) return unknownToken();
    const refusal = this.refusal(flow);
    if (refusal) return refusal;
    const action = fields.get("action") ?? "";
    if (action === "walk-away") {
      return page(
        message("已离开，本次核身没有完成", "You walked away: nothing was finished, and nobody is told."),
      );
    }
    const outcome = outcomeOf(action, fields.get("code") ?? "", flow);
    return outcome === undefined
      ? page(message("未知操作", "This button is not known."), 400)
      : this.ended(flow, outcome);
  }

  /** One address for success and failure; without a usable one the flow ends here. */
  private ended(flow: Flow, outcome: Outcome): Answer {
    const result = this.attempts.attempt(flow, outcome);
    if (!result.made) return deadToken(result.code, result.sentence);
    const target = returnUrl(flow.redirectUrl, this.rules.returned(flow));
    if (target !== undefined) return redirect(target);
    const { code } = result.attempt;
    return page(message(wordingOf(code), "The flow ends here: no valid RedirectUrl was given.", code));
  }

  private refusal(flow: Flow): Answer | undefined {
    if (!this.rules.hasPage(flow.issuedFor)) {
      return page(
        message("请在小程序中完成核身", "This token's RuleId is a mini-program's; it has no H5 page."),
        403,
      );
    }
    const obstacle = this.attempts.obstacle(flow);
    return obstacle && deadToken(obstacle.code, obstacle.sentence);
  }
}

function outcomeOf(action: string, code: string, flow: Flow): Outcome | undefined {
  if (action === "passed" || action === "other-person") return action;
  return action === "code" ? parseOutcome(code, flow) : undefined;
}

function deadToken(code: number, sentence: string): Answer {
  return page(message(wordingOf(code), sentence, code));
}

function unknownToken(): Answer {
  return page(message("链接无效", "No such token was issued."), 404);
}
