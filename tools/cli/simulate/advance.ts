/** `simulate advance`: moves the clock. */
import * as z from "zod";
import { text } from "../../language/index.ts";
import { defineCommand, print, printJson, UsageError } from "../command.ts";
import { control, EXIT_CODES, WHICH_SIMULATOR } from "./control.ts";

const clock = z.object({ now: z.string(), offsetSeconds: z.number() });

/** `simulate advance`. */
export const advanceCommand = defineCommand({
  name: "simulate advance",
  summary: text(
    "Moves the clock of simulator, functions and timers together, or sets it back to now.",
    "一起拨快模拟器、函数和定时器的时钟，或拨回现在。",
  ),
  details: WHICH_SIMULATOR,
  operands: [text("[<time>]", "[<时间>]")],
  options: {
    reset: { type: "boolean", help: text("back to now", "拨回现在") },
    json: { type: "boolean", help: text("the simulated time as JSON", "以 JSON 输出模拟时间") },
  },
  examples: [
    ["72h", text("until the provider has deleted its results", "直到服务方删除结果")],
    ["--reset", text("back to now", "拨回现在")],
  ],
  exitCodes: EXIT_CODES,
  run: async ({ reset = false, json }, [advance]) => {
    if ((advance === undefined) !== reset)
      throw new UsageError(
        text(
          "advance needs either a time, such as 72h, or --reset.",
          "advance 需要时间（例如 72h）或 --reset 之一。",
        ),
      );
    const answer = clock.parse(await control("POST", "clock", reset ? { reset } : { advance }));
    if (json) printJson(answer);
    else
      print(
        text(
          `It is ${answer.now}, ${answer.offsetSeconds} s ahead.`,
          `模拟时间 ${answer.now}，快了 ${answer.offsetSeconds} 秒。`,
        ),
      );
    return 0;
  },
});
