/**
 * The inside of one function instance: a process that loads one bundle and handles one event at a time, as an SCF
 * event function does (Tencent doc 583/11060). The stack bundles this file to plain JavaScript and starts it with node.
 */
import { createRequire } from "node:module";
import type { InstanceFacts, InstanceMessage, InvokeMessage } from "./instance-messages.ts";
import { shiftDate } from "./shifted-date.ts";

type Callback = (error: unknown, result?: unknown) => void;
type Handler = (event: unknown, context: object, callback: Callback) => unknown;

/** A synchronous answer may have 6 MB (Tencent doc 583/11637). */
const answerLimit = 6 * 1024 * 1024;

const bareBytes = process.memoryUsage.rss();
const facts: InstanceFacts = JSON.parse(process.argv[2] ?? "{}");
let clockOffsetMs = Number(process.argv[3] ?? 0);
shiftDate(() => clockOffsetMs);

const post = (message: InstanceMessage): void => void process.send?.(message);
const describe = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

// Ctrl-C in a terminal may reach every process of the group; the stack ends its instances itself.
process.on("SIGINT", () => {});
process.on("disconnect", () => process.exit(0)); // the stack is gone: nobody will ever ask again

function loadHandler(): Handler {
  const exported: { main_handler?: unknown } = createRequire(facts.bundleFile)(facts.bundleFile);
  const handler = exported.main_handler;
  if (typeof handler !== "function") throw new Error("the bundle exports no function named main_handler");
  return Object.assign(
    (event: unknown, context: object, callback: Callback) => handler(event, context, callback),
    {
      takesCallback: handler.length >= 3,
    },
  );
}

/** What SCF hands to a handler beside the event; `environment` really holds every variable there, hence here. */
function contextOf(requestId: string) {
  const variables = Object.entries(process.env);
  const started = performance.now();
  let waits = true;
  return {
    get callbackWaitsForEmptyEventLoop(): boolean {
      return waits;
    },
    set callbackWaitsForEmptyEventLoop(value: unknown) {
      waits = Boolean(value);
    },
    getRemainingTimeInMillis: () => Math.max(0, facts.timeout * 1000 - (performance.now() - started)),
    memory_limit_in_mb: facts.memorySize,
    time_limit_in_ms: facts.timeout * 1000,
    request_id: requestId,
    environ: variables.map(([key, value]) => `${key}=${value}`).join(";"),
    environment: JSON.stringify(Object.fromEntries(variables)),
    function_version: "$LATEST",
    function_name: facts.name,
    namespace: "default",
    tencentcloud_region: process.env["TENCENTCLOUD_REGION"] ?? "",
    tencentcloud_appid: "1250000000",
    tencentcloud_uin: "100000000000",
  };
}

/** Runs the handler in whichever style it is written: it returns a promise, or it calls its third parameter. */
function run(handler: Handler, event: unknown, context: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const result = handler(event, context, (error, value) => (error ? reject(error) : resolve(value)));
    const usesCallback = "takesCallback" in handler && handler.takesCallback === true && result === undefined;
    if (!usesCallback) resolve(result);
  });
}

async function handle(handler: Handler, { requestId, event }: InvokeMessage): Promise<void> {
  const context = contextOf(requestId);
  const fail = (statusCode: number, message: string): void =>
    post({ type: "failure", requestId, statusCode, message, waits: context.callbackWaitsForEmptyEventLoop });
  try {
    const json = JSON.stringify(await run(handler, event, context)) ?? "null";
    if (Buffer.byteLength(json) > answerLimit)
      fail(407, "The size of response exceeds the upper limit (6MB)");
    else post({ type: "answer", requestId, json, waits: context.callbackWaitsForEmptyEventLoop });
  } catch (error) {
    console.error(error); // for the log; the answer carries one line and no stack
    fail(430, `User code exception caught: ${describe(error)}`);
  }
  if (!context.callbackWaitsForEmptyEventLoop) return;
  // Without the channel the loop is empty when the function has nothing left to do, and only then.
  process.channel?.unref();
  process.once("beforeExit", () => {
    process.channel?.ref();
    post({ type: "drained", requestId });
  });
}

try {
  const handler = loadHandler();
  process.on("message", (message: InvokeMessage) => {
    clockOffsetMs = message.clockOffsetMs;
    post({ type: "taken", requestId: message.requestId });
    void handle(handler, message);
  });
  post({ type: "ready", bareBytes });
} catch (error) {
  console.error(error);
  const broken: InstanceMessage = { type: "broken", message: describe(error) };
  process.send?.(broken, () => process.exit(1));
}
