/** Makes the HTTP response that a trigger makes of what a function returned. */
import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import * as z from "zod";
import type { InvocationResult } from "../functions/instance.ts";
import type { HttpTrigger } from "./function-events.ts";
import { sendJson } from "./problem.ts";

const headers = z.record(
  z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/),
  z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]),
);
const statusCode = z.int().min(200).max(599);

/** What API Gateway demands: all four fields. */
const integratedResponse = z.object({ isBase64Encoded: z.boolean(), statusCode, headers, body: z.string() });

/** What a function URL takes as a response; anything else is JSON to pass on (Tencent doc 583/96099). */
const urlResponse = z.object({
  isBase64Encoded: z.boolean().default(false),
  statusCode,
  headers: headers.default({}),
  body: z.string().default(""),
});

type FunctionResponse = z.infer<typeof integratedResponse>;

function send(response: ServerResponse, answer: FunctionResponse, requestId: string): void {
  const outgoing: OutgoingHttpHeaders = { "x-request-id": requestId };
  for (const [name, value] of Object.entries(answer.headers)) {
    // The length is the gateway's business: it may decode base64.
    if (!/^(content-length|transfer-encoding|connection)$/i.test(name)) {
      outgoing[name.toLowerCase()] = Array.isArray(value) ? value : String(value);
    }
  }
  response
    .writeHead(answer.statusCode, outgoing)
    .end(answer.isBase64Encoded ? Buffer.from(answer.body, "base64") : answer.body);
}

/**
 * Answers the client. A failed event becomes 500 with SCF's own words, as `{errorCode, errorMessage, requestId, statusCode}`
 * where `statusCode` is SCF's; which HTTP status each trigger makes of it in the cloud is not documented. A malformed
 * answer is `errno` 403 behind API Gateway, and through a function URL a JSON document with status 200.
 */
export function sendAnswer(
  response: ServerResponse,
  outcome: InvocationResult,
  trigger: HttpTrigger,
  requestId: string,
): void {
  if (!outcome.ok) {
    const { statusCode, message } = outcome;
    const status = statusCode === 429 ? 429 : 500;
    const errorCode = statusCode === 430 ? 1 : -1; // 1: the code's fault, -1: the platform ended it
    sendJson(response, status, requestId, { errorCode, errorMessage: message, requestId, statusCode });
    return;
  }
  const value: unknown = JSON.parse(outcome.json);
  const parsed = (trigger === "apigw" ? integratedResponse : urlResponse).safeParse(value);
  if (parsed.success) {
    send(response, parsed.data, requestId);
  } else if (trigger === "apigw") {
    const error = `requestId ${requestId}, Invalid scf response format. please check your scf response format.`;
    sendJson(response, 403, requestId, { errno: 403, error });
  } else {
    sendJson(response, 200, requestId, value);
  }
}
