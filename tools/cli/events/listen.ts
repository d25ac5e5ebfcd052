/** `listen`: delivers the local stack's events to a receiver under development, until Ctrl-C. */
import { setTimeout as sleep } from "node:timers/promises";
import { webUrl } from "../../../shared/config/parsers.ts";
import type { Database } from "../../../shared/store/database.ts";
import { type DeliveryOptions, deliverEvents, type ReportTry } from "../../../shared/webhooks/deliver.ts";
import type { Receiver } from "../../../shared/webhooks/send.ts";
import { text } from "../../language/index.ts";
import { time } from "../archive/table.ts";
import { defineCommand, print, UsageError } from "../command.ts";
import { signingSecret, withLocalStack } from "./local-stack.ts";

const POLL_MS = 500;
/** Long enough for a batch whose receiver is slow; the next poll goes on. */
const RUN_MS = 60_000;

const printTry: ReportTry = ({ id, type }, reply, nextTryAt) =>
  print(
    [
      reply.isTaken ? `HTTP ${reply.status}` : reply.trouble,
      type,
      id,
      ...(nextTryAt ? [text(`again at ${time(nextTryAt)}`, `将于 ${time(nextTryAt)} 重试`)] : []),
    ].join("  "),
  );

/** Delivers what is due, and what becomes due, until the signal. */
export async function listen(
  db: Database,
  receiver: Receiver,
  options: DeliveryOptions,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const until = performance.now() + RUN_MS;
    await deliverEvents(db, receiver, () => (signal.aborted ? 0 : until - performance.now()), options);
    await sleep(POLL_MS, undefined, { signal }).catch(() => {});
  }
}

function addressFrom(given: string): string {
  const { success, data, error } = webUrl.safeParse(given);
  if (success) return data;
  const [message = ""] = error.issues.map((issue) => issue.message);
  throw new UsageError(text(`The address ${message}.`, `地址无效（${message}）。`));
}

/** `listen`. */
export const listenCommand = defineCommand({
  name: "listen",
  summary: text(
    "Delivers the local stack's events to a receiver under development, at once, until Ctrl-C.",
    "把本机环境的事件立即投递给开发中的接收方，直到按 Ctrl-C。",
  ),
  details: text(
    "It prints the secret that signs them, and a line per try. Events that wait since earlier come first.",
    "显示签名密钥，每次投递显示一行。之前等待的事件最先投递。",
  ),
  operands: ["<address>"],
  options: {},
  examples: [["http://localhost:8080/hooks", text("your server on this machine", "本机上您的服务器")]],
  exitCodes: [
    text("ended by Ctrl-C", "用 Ctrl-C 结束"),
    text("no local stack runs, or events go to its WEBHOOK_URL", "没有本机环境，或事件已发往其 WEBHOOK_URL"),
  ],
  run: (_, [given = ""]) => {
    const url = addressFrom(given);
    return withLocalStack(async ({ db, env, now }) => {
      if (env["WEBHOOK_URL"]) {
        throw new Error(
          text(
            "The stack delivers its events to WEBHOOK_URL: start it without.",
            "本机环境的事件已发往 WEBHOOK_URL：请不带它启动。",
          ),
        );
      }
      const receiver: Receiver = { url, secret: signingSecret(env), mayBePrivate: true };
      const stop = new AbortController();
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
      print(`WEBHOOK_SECRET=${receiver.secret}`);
      print(text(`Delivering to ${url} until Ctrl-C.`, `正在投递到 ${url}，按 Ctrl-C 结束。`));
      await listen(db, receiver, { report: printTry, now }, stop.signal);
      return 0;
    });
  },
});
