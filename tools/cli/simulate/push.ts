/** `simulate push`: how WeChat's message push behaves. */
import * as z from "zod";
import { text } from "../../language/index.ts";
import { table } from "../archive/table.ts";
import { defineCommand, oneOf, print, printJson, UsageError } from "../command.ts";
import { control, EXIT_CODES, WHICH_SIMULATOR } from "./control.ts";

const pushSettings = z.object({
  mode: z.string(),
  format: z.string(),
  duplicates: z.number(),
  delayMs: z.number(),
  lose: z.boolean(),
});
const state = z.object({
  settings: pushSettings,
  deliveries: z.array(
    z.object({ event: z.string(), at: z.string(), outcome: z.string(), status: z.number().optional() }),
  ),
});
const echo = z.object({ echoed: z.boolean(), status: z.number() });

function numberFrom(option: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  if (/^\d+$/.test(given)) return Number(given);
  throw new UsageError(text(`--${option} is a whole number.`, `--${option} 是整数。`));
}

function yesOrNo(given: string | undefined): boolean | undefined {
  if (given === undefined) return undefined;
  if (given === "yes" || given === "no") return given === "yes";
  throw new UsageError(text("--lose is yes or no.", "--lose 是 yes 或 no。"));
}

async function showPush(json: boolean): Promise<void> {
  const { settings, deliveries } = state.parse(await control("GET", "push"));
  if (json) return printJson({ settings, deliveries });
  print(
    Object.entries(settings)
      .map((pair) => pair.join("="))
      .join(" "),
  );
  const head = [text("TIME", "时间"), text("EVENT", "事件"), text("OUTCOME", "结果"), "HTTP"];
  const rows = deliveries.map(({ at, event, outcome, status }) => [at, event, outcome, status ?? "-"]);
  print(rows.length === 0 ? text("No push was sent.", "没有发送过推送。") : table(head, rows));
}

/** `simulate push`. */
export const pushCommand = defineCommand({
  name: "simulate push",
  summary: text(
    "Shows how WeChat's pushes are sent and what became of them, changes that, or sends one.",
    "显示微信推送的方式和结果，更改方式，或发送一次推送。",
  ),
  details: WHICH_SIMULATOR,
  options: {
    mode: {
      type: "string",
      value: "<mode>",
      help: text("plain, compatible or secure", "plain、compatible 或 secure"),
    },
    format: { type: "string", value: "<format>", help: text("json or xml", "json 或 xml") },
    duplicates: {
      type: "string",
      value: text("<times>", "<次数>"),
      help: text("how often each push comes again, 0 to 100", "每次推送重复多少次，0 到 100"),
    },
    "delay-ms": {
      type: "string",
      value: text("<ms>", "<毫秒>"),
      help: text("how late a push is sent, in milliseconds", "推送延迟多少毫秒"),
    },
    lose: {
      type: "string",
      value: "yes|no",
      help: text("whether pushes are lost on the way", "推送是否在途中丢失"),
    },
    event: {
      type: "string",
      value: text("<event>", "<事件>"),
      help: text("sends this event", "发送这个事件"),
    },
    openid: {
      type: "string",
      value: "<openid>",
      help: text(
        "with --event: about whom; the last user who logged in if absent",
        "与 --event 一起使用：关于谁；不写为最近登录的用户",
      ),
    },
    verify: {
      type: "boolean",
      help: text("asks the push address for an echo, as WeChat's console does", "像微信后台一样验证推送地址"),
    },
    json: { type: "boolean", help: text("the simulator's answer as JSON", "以 JSON 输出模拟器的回答") },
  },
  examples: [
    ["", text("the settings and the last pushes", "当前方式和最近的推送")],
    [
      "--duplicates 2 --delay-ms 3000",
      text("each push comes late and three times", "每次推送都迟到，且来三次"),
    ],
    [
      "--event user_authorization_revoke",
      text("an event that Zhenren does not use", "一个本项目不使用的事件"),
    ],
  ],
  exitCodes: EXIT_CODES,
  run: async ({
    mode,
    format,
    duplicates,
    "delay-ms": delayMs,
    lose,
    event,
    openid,
    verify,
    json = false,
  }) => {
    const given = {
      mode: oneOf("mode", ["plain", "compatible", "secure"], mode),
      format: oneOf("format", ["json", "xml"], format),
      duplicates: numberFrom("duplicates", duplicates),
      delayMs: numberFrom("delay-ms", delayMs),
      lose: yesOrNo(lose),
    };
    if (openid !== undefined && event === undefined)
      throw new UsageError(text("--openid needs --event.", "--openid 要与 --event 一起使用。"));
    if (Object.values(given).some((value) => value !== undefined)) await control("POST", "push", given);
    if (event !== undefined) await control("POST", "push/event", { event, openid });
    if (!verify) {
      await showPush(json);
      return 0;
    }
    const { echoed, status } = echo.parse(await control("POST", "push/verify"));
    if (json) printJson({ echoed, status });
    else
      print(
        echoed
          ? text("The push address answers.", "推送地址有效。")
          : text(`No echo: HTTP ${status}.`, `没有回显：HTTP ${status}。`),
      );
    return echoed ? 0 : 1;
  },
});
