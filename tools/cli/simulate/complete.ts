/** `simulate complete`: the person finishes. */
import * as z from "zod";
import { text } from "../../language/index.ts";
import { defineCommand, print, printJson } from "../command.ts";
import { control, EXIT_CODES, WHICH_SIMULATOR } from "./control.ts";
import { readTokens } from "./tokens.ts";

/** Other fields differ between the services; WeChat's first version answers the result token. */
const completed = z.looseObject({ verifyResult: z.string().optional() });

/** The newest flow that is not over. Throws a sentence if there is none. */
async function newestOpen(): Promise<string> {
  const open = (await readTokens()).find(({ state }) => state === "issued" || state === "attempted");
  if (open) return open.token;
  throw new Error(
    text(
      "No token waits for a person: start a verification first.",
      "没有等待用户的凭证：请先发起一次核身。",
    ),
  );
}

/** `simulate complete`. */
export const completeCommand = defineCommand({
  name: "simulate complete",
  summary: text(
    "Finishes an attempt in place of the person: that of a token, or of the newest one that is not over.",
    "代替用户完成一次核身：指定的凭证，或最新的未结束的凭证。",
  ),
  details: WHICH_SIMULATOR,
  operands: [text("[<token>]", "[<凭证>]")],
  options: {
    outcome: {
      type: "string",
      value: text("<outcome>", "<结果>"),
      help: text(
        "passed (if absent), other-person, or a result code such as 2006",
        "passed（默认）、other-person，或结果码，例如 2006",
      ),
    },
    "no-push": {
      type: "boolean",
      help: text("WeChat sends no push about it", "微信不推送消息"),
    },
    openid: {
      type: "string",
      value: "<openid>",
      help: text(
        "who finishes, where the token is bound to nobody (WeChat v1); the last user who logged in if absent",
        "由谁完成，用于不绑定用户的凭证（微信 v1）；不写为最近登录的用户",
      ),
    },
    json: { type: "boolean", help: text("the simulator's answer as JSON", "以 JSON 输出模拟器的回答") },
  },
  examples: [
    ["", text("the person of the newest verification passes", "最新一次核身的用户通过")],
    ["--outcome 2006", text("name and number do not belong together", "姓名与身份证号不一致")],
  ],
  exitCodes: EXIT_CODES,
  run: async ({ outcome = "passed", "no-push": withoutPush = false, openid, json }, [given]) => {
    const token = given ?? (await newestOpen());
    const body = { token, outcome, push: !withoutPush, ...(openid && { openid }) };
    const answer = completed.parse(await control("POST", "complete", body));
    if (json) printJson(answer);
    else {
      print(text(`${token} is finished: ${outcome}.`, `${token} 已完成：${outcome}。`));
      if (answer.verifyResult) print(`verifyResult=${answer.verifyResult}`);
    }
    return 0;
  },
});
