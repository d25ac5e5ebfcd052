import { type Answer, type Incoming, page, type Route, redirect } from "../exchange.ts";
import { message } from "../pages/layout.ts";
import { returnUrl } from "../pages/return-url.ts";
import { type Attempts, type Outcome, parseOutcome } from "./attempts.ts";
import type { Flow, Flows } from "./flows.ts";
import { h5Page } from "./h5-page.ts";
import { wordingOf } from "./result-codes.ts";
import { runsOnPage } from "./rules.ts";

/** The page behind the `Url` of DetectAuth, and what its buttons do. */
export function h5Routes(flows: Flows, attempts: Attempts): readonly Route[] {
  return [
    { method: "GET", path: "/h5", handle: ({ query }) => opened(flows, attempts, query.get("token") ?? "") },
    { method: "POST", path: "/h5", handle: (incoming) => pressed(flows, attempts, incoming) },
  ];
}

function opened(flows: Flows, attempts: Attempts, token: string): Answer {
  const flow = flows.find(token);
  if (!flow) return unknownToken();
  return refusal(flow, attempts) ?? page(h5Page(token));
}

function pressed(flows: Flows, attempts: Attempts, { body }: Incoming): Answer {
  const fields = new URLSearchParams(body.toString("utf8"));
  const flow = flows.find(fields.get("token") ?? "");
  if (!flow) return unknownToken();
  const refusedPage = refusal(flow, attempts);
  if (refusedPage) return refusedPage;
  const action = fields.get("action") ?? "";
  if (action === "walk-away") {
    return page(
      message("已离开，本次核身没有完成", "You walked away: nothing was finished, and nobody is told."),
    );
  }
  const outcome = outcomeOf(action, fields.get("code") ?? "");
  if (outcome === undefined) return page(message("未知操作", "This button is not known."), 400);
  const result = attempts.attempt(flow, outcome);
  if (!result.made) return deadToken(result.code, result.sentence);
  return (
    goBack(flow) ??
    page(
      message(
        wordingOf(result.attempt.code),
        "The flow ends here: no valid RedirectUrl was given.",
        result.attempt.code,
      ),
    )
  );
}

function outcomeOf(action: string, code: string): Outcome | undefined {
  if (action === "passed" || action === "other-person") return action;
  return action === "code" ? parseOutcome(code) : undefined;
}

/** One address for success and failure, with the token and Extra in its query, as the real page returns. */
function goBack({ redirectUrl, token, extra }: Flow): Answer | undefined {
  const parameters: [string, string][] = [["BizToken", token]];
  if (extra !== undefined) parameters.push(["Extra", extra]);
  const target = returnUrl(redirectUrl, parameters);
  return target === undefined ? undefined : redirect(target);
}

function refusal(flow: Flow, attempts: Attempts): Answer | undefined {
  if (!runsOnPage(flow.ruleId)) {
    return page(
      message("请在小程序中完成核身", "This token's RuleId is a mini-program's; it has no H5 page."),
      403,
    );
  }
  const obstacle = attempts.obstacle(flow);
  return obstacle && deadToken(obstacle.code, obstacle.sentence);
}

function deadToken(code: number, sentence: string): Answer {
  return page(message(wordingOf(code), sentence, code));
}

function unknownToken(): Answer {
  return page(message("链接无效", "No such token was issued."), 404);
}
