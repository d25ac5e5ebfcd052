/** Plain requests to addresses of the configuration. */
import { type CheckResult, codeOf, failed, failedWith } from "./check.ts";

const REQUEST_TIMEOUT_MS = 5_000;

/** A response with its text. */
export interface Answered {
  readonly response: Response;
  readonly text: string;
  readonly failure?: undefined;
}

/** The response, or the result of a check for which none came. */
export type RequestResult =
  | Answered
  | { readonly response?: undefined; readonly text?: undefined; readonly failure: CheckResult };

/** Sends a request, without following redirects; certificates are checked as every client checks them. */
export async function request(url: string, options: RequestInit = {}): Promise<RequestResult> {
  try {
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const response = await fetch(url, { redirect: "manual", ...options, signal });
    return { response, text: await response.text() };
  } catch (error) {
    return { failure: failureOf(error) };
  }
}

function failureOf(error: unknown): CheckResult {
  if (error instanceof Error && error.name === "TimeoutError") {
    return failed("No answer came within five seconds.", "Check that something listens there.");
  }
  const code = codeOf(error);
  return (
    failedWith("network", code) ??
    failed(
      `It cannot be reached (${code || "no connection"}).`,
      "Check that it is running and that no firewall is in between.",
    )
  );
}
