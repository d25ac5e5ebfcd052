/** What is logged of an error: enough to find the fault, and nothing that the error carries along. */

/** Causes are followed this deep; an error can be its own. */
const MAX_CAUSE_DEPTH = 5;

/** Its class, message, code, request id and the places in the stack, and the same of its cause; never its other fields. */
export function errorFacts(error: unknown, depth = 0): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const { name, cause } = error;
  return {
    type: String(name),
    message: safeMessage(error),
    ...textField(error, "code"),
    ...textField(error, "requestId"),
    stack: stackFrames(error),
    ...(cause !== undefined && depth < MAX_CAUSE_DEPTH && { cause: errorFacts(cause, depth + 1) }),
  };
}

const textField = (error: Error, field: "code" | "requestId"): Record<string, string> => {
  const value: unknown = Reflect.get(error, field);
  return typeof value === "string" ? { [field]: value } : {};
};

/** The message without what it quotes: a parser repeats the text, a failed query of drizzle its parameters. */
function safeMessage(error: Error): string {
  if (error instanceof SyntaxError) return "not valid JSON, or other syntax";
  const message: unknown = error.message;
  if (typeof message !== "string") return "";
  const { query, params } = { query: Reflect.get(error, "query"), params: Reflect.get(error, "params") };
  return typeof query === "string" && params !== undefined ? `Failed query: ${query}` : message;
}

/** The lines of the stack behind its head, which repeats the message as it was. */
const stackFrames = ({ stack = "" }: Error): string =>
  stack
    .split("\n")
    .filter((line) => /^ {4}at .*(:\d+:\d+\)?|\(<anonymous>\)|\(index \d+\))$/.test(line))
    .join("\n");
