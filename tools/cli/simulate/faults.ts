/** `simulate faults`: the next calls of an API fail. */
import { text } from "../../language/index.ts";
import { defineCommand, print, printJson, UsageError } from "../command.ts";
import { control, EXIT_CODES, WHICH_SIMULATOR } from "./control.ts";

function countFrom(given: string): number {
  const count = Number(given);
  if (Number.isInteger(count) && count > 0) return count;
  throw new UsageError(text("--count is a whole number above 0.", "--count 是大于 0 的整数。"));
}

/** `simulate faults`. */
export const faultsCommand = defineCommand({
  name: "simulate faults",
  summary: text(
    "Makes the next calls of an API fail, or ends all faults.",
    "让某个 API 的后续调用失败，或结束全部故障。",
  ),
  details: text(
    `${WHICH_SIMULATOR}
APIs: DetectAuth, GetDetectInfoEnhanced, getinfo, cos.put and the like. Kinds: http-500, timeout, rate-limit, bad-json, reset,
after-effect (carried out, answer lost), or any error code of that API.`,
    `${WHICH_SIMULATOR}
API：DetectAuth、GetDetectInfoEnhanced、getinfo、cos.put 等。故障：http-500、timeout、rate-limit、bad-json、reset、
after-effect（已执行，但回答丢失），或该 API 的任何错误码。`,
  ),
  operands: ["[<api>]", text("[<kind>]", "[<故障>]")],
  options: {
    count: {
      type: "string",
      value: text("<calls>", "<次数>"),
      help: text("how many calls fail; 1 if absent", "失败的调用次数；不写为 1"),
    },
    clear: { type: "boolean", help: text("ends all faults", "结束全部故障") },
    json: { type: "boolean", help: text("the simulator's answer as JSON", "以 JSON 输出模拟器的回答") },
  },
  examples: [
    ["DetectAuth http-500 --count 9", text("the provider does not answer", "服务方没有回答")],
    ["--clear", text("it answers again", "恢复正常")],
  ],
  exitCodes: EXIT_CODES,
  run: async ({ count = "1", clear = false, json }, [api, kind]) => {
    if (clear ? api !== undefined : kind === undefined)
      throw new UsageError(
        text("faults needs either an API and a kind, or --clear.", "faults 需要 API 和故障，或 --clear。"),
      );
    const body = { api, kind, count: countFrom(count) };
    const answer = clear ? await control("DELETE", "faults") : await control("POST", "faults", body);
    if (json) printJson(answer);
    else if (clear) print(text("No call fails any more.", "不再有调用失败。"));
    else
      print(
        text(
          `The next ${body.count} calls of ${api} fail: ${kind}.`,
          `${api} 的后续 ${body.count} 次调用将失败：${kind}。`,
        ),
      );
    return 0;
  },
});
