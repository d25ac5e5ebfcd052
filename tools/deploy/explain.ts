/** How a failed call reads on a terminal. */
import type { ProviderError } from "../../shared/providers/provider-error.ts";
import { diagnose } from "../diagnose/index.ts";
import { type Text, text } from "../language/index.ts";

/** A failed call as one paragraph: what failed, why as far as its code says, what to do. `values` fill in `{name}`. */
export function explain(
  error: ProviderError,
  service: "scf" | "custom-domain",
  values: Readonly<Record<string, string>> = {},
): Text {
  const { code = "", requestId, operation } = error;
  const known = diagnose(service, code) ?? diagnose("scf", code);
  const filled = (template: string) =>
    template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => ({ operation, ...values })[name] ?? whole);
  const advice = known
    ? filled(text(`${known.why}. ${known.fix}`, `${known.why}。${known.fix}`))
    : adviceWithoutCode(error);
  const id = requestId
    ? text(` Request id for the vendor's support: ${requestId}.`, `请求 ID（供厂商支持排查）：${requestId}。`)
    : "";
  return text(`${error.message}. ${advice}${id}`, `${error.message}。${advice}${id}`);
}

const adviceWithoutCode = ({ retryable }: ProviderError): Text =>
  retryable
    ? text(
        "Tencent Cloud did not respond properly to any of five attempts; try again later.",
        "腾讯云五次都没有正常回答；请稍后再试。",
      )
    : text(
        "Look the code up in the API's documentation (Tencent doc 583/17245).",
        "请在 API 文档中查找该错误码（腾讯云文档 583/17245）。",
      );
