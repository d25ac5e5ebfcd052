/** `trigger`: a sample event, for a receiver under development. */
import { enqueueEvent } from "../../../shared/store/outbox.ts";
import { text } from "../../language/index.ts";
import { defineCommand, print } from "../command.ts";
import { eventTypeFrom, eventTypes } from "./event-types.ts";
import { withLocalStack } from "./local-stack.ts";
import { newSample, samples } from "./samples.ts";

/** `trigger`. */
export const triggerCommand = defineCommand({
  name: "trigger",
  summary: text(
    "Makes a sample event on the local stack, which npx zhenren listen or WEBHOOK_URL receives.",
    "在本机环境产生一个示例事件，由 npx zhenren listen 或 WEBHOOK_URL 接收。",
  ),
  details: text(
    `Types: ${eventTypes.join(", ")}. The verification in it does not exist.`,
    `类型：${eventTypes.join("、")}。事件中的核身并不存在。`,
  ),
  operands: ["<type>"],
  options: {
    reference: {
      type: "string",
      value: text("<reference>", "<业务编号>"),
      help: text("the merchant's own id in it; order-1 if absent", "事件中的业务编号；不写为 order-1"),
    },
  },
  examples: [["verification.passed --reference order-7", text("a person passed", "有人通过了核身")]],
  exitCodes: [
    text("the event waits for its delivery", "事件已排队等待投递"),
    text("no local stack runs", "没有正在运行的本机环境"),
  ],
  run: async ({ reference = "order-1" }, [name = ""]) => {
    const type = eventTypeFrom(name);
    await withLocalStack(async ({ db, now }) => {
      const at = now();
      await enqueueEvent(db, type, samples(newSample(reference, at))[type](), at);
    });
    print(text(`${type} waits for its delivery.`, `${type} 已排队等待投递。`));
    return 0;
  },
});
