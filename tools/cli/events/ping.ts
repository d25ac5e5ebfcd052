/** `events ping`: one signed test event, straight to `WEBHOOK_URL`. */
import { v7 as uuidv7 } from "uuid";
import { readSettings } from "../../../shared/config/read.ts";
import { sendMessage } from "../../../shared/webhooks/send.ts";
import { text } from "../../language/index.ts";
import { defineCommand, print } from "../command.ts";
import { configuration } from "../configuration.ts";

/** `events ping`. */
export const pingCommand = defineCommand({
  name: "events ping",
  summary: text(
    "Sends one signed event of type ping from this machine to WEBHOOK_URL, and prints status and time.",
    "从本机向 WEBHOOK_URL 发送一个已签名、类型为 ping 的事件，并显示状态码和耗时。",
  ),
  details: text(
    "No other event has this type, and it is not recorded: a receiver answers 2xx to types that it does not know.",
    "其他事件都不用这个类型，也不会留下记录：接收方对不认识的类型应回答 2xx。",
  ),
  options: {},
  examples: [["", text("after the receiver was deployed", "部署接收方之后")]],
  exitCodes: [text("it answered 2xx", "接收方回答 2xx"), text("it did not", "没有回答 2xx")],
  run: async () => {
    const { env } = configuration(process.env);
    const settings = readSettings(["WEBHOOK_URL", "WEBHOOK_SECRET", "SIMULATOR_URL"], env);
    const { WEBHOOK_URL: url, WEBHOOK_SECRET: secret } = settings;
    if (!url || !secret) {
      throw new Error(
        text("WEBHOOK_URL is not set: events are kept.", "没有设置 WEBHOOK_URL：事件会一直保留。"),
      );
    }
    const receiver = { url, secret, mayBePrivate: settings.SIMULATOR_URL !== undefined };
    const startedAt = performance.now();
    const createdAt = new Date();
    const reply = await sendMessage(receiver, { id: `evt_${uuidv7()}`, type: "ping", createdAt, data: {} });
    const tookMs = Math.round(performance.now() - startedAt);
    print(`${reply.isTaken ? `HTTP ${reply.status}` : reply.trouble}, ${tookMs} ms`);
    return reply.isTaken ? 0 : 1;
  },
});
