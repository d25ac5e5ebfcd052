/** Plain requests to addresses of the configuration. */

import { text } from "../language/index.ts";
import { type CheckResult, codeOf, failed, failedWith } from "./check.ts";

const REQUEST_TIMEOUT_MS = 5_000;

/** A response with its body. */
export interface Answered {
  readonly response: Response;
  readonly body: string;
  readonly failure?: undefined;
}

/** The response, or the result of a check for which none came. */
export type RequestResult =
  | Answered
  | { readonly response?: undefined; readonly body?: undefined; readonly failure: CheckResult };

/** Sends a request, without following redirects; certificates are checked as every client checks them. */
export async function request(url: string, options: RequestInit = {}): Promise<RequestResult> {
  try {
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const response = await fetch(url, { redirect: "manual", ...options, signal });
    return { response, body: await response.text() };
  } catch (error) {
    return { failure: failureOf(error) };
  }
}

function failureOf(error: unknown): CheckResult {
  if (error instanceof Error && error.name === "TimeoutError") {
    return failed(
      text("No answer came within five seconds.", "五秒内没有回答。"),
      text("Check that something listens there.", "请检查那里是否有程序在监听。"),
    );
  }
  const code = codeOf(error);
  return (
    failedWith("network", code) ??
    failed(
      text(`It cannot be reached (${code || "no connection"}).`, `无法访问（${code || "没有连接"}）。`),
      text(
        "Check that it is running and that no firewall is in between.",
        "请检查它是否在运行，以及中间有没有防火墙。",
      ),
    )
  );
}
