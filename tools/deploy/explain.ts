/** How a failed call reads on a terminal. */
import type { ProviderError } from "../../shared/providers/provider-error.ts";
import { diagnose } from "../diagnose/index.ts";

/** A failed call as one paragraph: what failed, why as far as its code says, what to do. `values` fill in `{name}`. */
export function explain(
  error: ProviderError,
  service: "scf" | "custom-domain",
  values: Readonly<Record<string, string>> = {},
): string {
  const { code = "", requestId, operation } = error;
  const known = diagnose(service, code) ?? diagnose("scf", code);
  const filled = (text: string) =>
    text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => ({ operation, ...values })[name] ?? whole);
  const advice = known ? filled(`${known.why}. ${known.fix}`) : adviceWithoutCode(error);
  const id = requestId ? ` Request id for the vendor's support: ${requestId}.` : "";
  return `${error.message}. ${advice}${id}`;
}

const adviceWithoutCode = ({ retryable }: ProviderError): string =>
  retryable
    ? "Tencent Cloud did not respond properly to any of five attempts; try again later."
    : "Look the code up in the API's documentation (Tencent doc 583/17245).";
