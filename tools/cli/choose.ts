/** `npx zhenren choose`: which channels a company may apply for, by the vendors' own rules. */
import { channelTooling } from "../../shared/channels/tooling.ts";
import {
  type ChannelTooling,
  INDUSTRIES,
  type Industry,
  PLACES,
  type Place,
} from "../../shared/channels/tooling-type.ts";
import { language, text } from "../language/index.ts";
import { table } from "./archive/table.ts";
import { defineCommand, oneOf, print, printJson } from "./command.ts";

type Verdict =
  | "may-apply"
  | "ask-the-vendor"
  | "depends-on-the-industry"
  | "not-listed"
  | "does-not-run-there";

const verdicts: Readonly<Record<Verdict, string>> = {
  "may-apply": text("may apply", "可以申请"),
  "ask-the-vendor": text("ask the vendor", "请询问服务方"),
  "depends-on-the-industry": text("depends on --industry", "取决于 --industry"),
  "not-listed": text("no: not listed", "不可以：不在名单内"),
  "does-not-run-there": text("no: does not run there", "不可以：不在那里运行"),
};

function verdictOf({ eligibility }: ChannelTooling, industry?: Industry, place?: Place): Verdict {
  const { industries, places } = eligibility;
  if (place && !places.includes(place)) return "does-not-run-there";
  if (industries === "any") return "may-apply";
  if (industries === "vendor-decides") return "ask-the-vendor";
  if (!industry) return "depends-on-the-industry";
  return industries.includes(industry) ? "may-apply" : "not-listed";
}

const HEAD = [
  text("CHANNEL", "核身方式"),
  text("YOU", "您"),
  text("REVIEW", "审核"),
  text("WHO MAY HAVE IT", "谁可以使用"),
];

const command = defineCommand({
  name: "choose",
  summary: text("Says which channels a company may apply for.", "说明一家公司可以申请哪些核身方式。"),
  details: text(
    "The rules are the vendors', read in November 2026. Their review decides.",
    "这些是服务方的规定，2026 年 11 月查阅。最终由服务方审核决定。",
  ),
  options: {
    industry: {
      type: "string",
      value: text("<industry>", "<行业>"),
      help: text(`one of ${INDUSTRIES.join(", ")}`, `${INDUSTRIES.join("、")} 之一`),
    },
    in: {
      type: "string",
      value: text("<place>", "<位置>"),
      help: text(`where the person is verified: ${PLACES.join(", ")}`, `在哪里核身：${PLACES.join("、")}`),
    },
    json: { type: "boolean", help: text("one JSON array", "输出一个 JSON 数组") },
  },
  examples: [
    ["--industry hotel --in mini-program", text("a hotel with a mini-program", "有小程序的酒店")],
    ["--industry other", text("a company that is on no list", "不在名单内的公司")],
  ],
  exitCodes: [text("shown", "已显示"), text("it failed", "出错")],
  run: ({ industry, in: place, json }) => {
    const asked = [oneOf("industry", INDUSTRIES, industry), oneOf("in", PLACES, place)] as const;
    const judged = channelTooling.map((tooling) => {
      const { rule, review } = tooling.eligibility;
      const [who, howLong] = [rule[language], review[language]];
      return { channel: tooling.channel, verdict: verdictOf(tooling, ...asked), review: howLong, rule: who };
    });
    if (json) printJson(judged);
    else
      print(
        table(
          HEAD,
          judged.map(({ channel, verdict, review, rule }) => [channel, verdicts[verdict], review, rule]),
        ),
      );
    return 0;
  },
});

process.exitCode = await command.run(process.argv.slice(2));
