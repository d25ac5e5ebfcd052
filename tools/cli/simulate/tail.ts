/** `simulate tail`: what the simulator issues, and what becomes of it, until Ctrl-C. */
import { setTimeout as sleep } from "node:timers/promises";
import { text } from "../../language/index.ts";
import { defineCommand, print } from "../command.ts";
import { EXIT_CODES, WHICH_SIMULATOR } from "./control.ts";
import { type IssuedToken, readTokens } from "./tokens.ts";

const POLL_MS = 500;

/** Prints each token that is new or has another state, oldest first, until the signal; once, if it is aborted already. */
async function tail(printToken: (token: IssuedToken) => void, signal: AbortSignal): Promise<void> {
  const shown = new Map<string, string>();
  do {
    for (const issued of (await readTokens()).reverse()) {
      if (shown.get(issued.token) === issued.state) continue;
      shown.set(issued.token, issued.state);
      printToken(issued);
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => {});
  } while (!signal.aborted);
}

/** `simulate tail`. */
export const tailCommand = defineCommand({
  name: "simulate tail",
  summary: text(
    "Shows each token that is issued, finished, expired or purged, a line each, until Ctrl-C.",
    "逐行显示签发、完成、过期或删除的凭证，直到按 Ctrl-C。",
  ),
  details: WHICH_SIMULATOR,
  options: {
    once: { type: "boolean", help: text("shows what there is, and ends", "只显示现有的，然后结束") },
    json: { type: "boolean", help: text("one JSON object per line", "每行一个 JSON 对象") },
  },
  examples: [
    ["", text("follows the simulator while you try your client", "调试客户端时跟踪模拟器")],
    ["--once --json", text("for a script", "供脚本使用")],
  ],
  exitCodes: EXIT_CODES,
  run: async ({ once, json }) => {
    const stop = new AbortController();
    if (once) stop.abort();
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
    await tail((issued) => {
      const { createdAt, kind, state, token } = issued;
      print(json ? JSON.stringify(issued) : [createdAt, kind.padEnd(11), state.padEnd(9), token].join("  "));
    }, stop.signal);
    return 0;
  },
});
