/** `simulate drill <alarm>`: raises an alarm for real, so that people have seen it before they need it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AlarmName } from "../../../shared/runtime/log.ts";
import { type Text, text, verbatim } from "../../language/index.ts";
import { columns, defineCommand, print, printError, printJson, UsageError } from "../command.ts";
import { nearest } from "../nearest.ts";
import { type Drill, drills } from "./drill/drills.ts";
import { DrillStack } from "./drill/stack.ts";

const ROOT = join(import.meta.dirname, "../../..");

/** The page with a line for each alarm. */
const RUNBOOK = `docs/operations${text("", ".zh-CN")}.md`;

const isAlarm = (name: string): name is AlarmName => Object.hasOwn(drills, name);

/** What the runbook says to do about an alarm. */
function runbookLine(alarm: AlarmName): string {
  const rows = readFileSync(join(ROOT, RUNBOOK), "utf8").split("\n");
  const row = rows.find((line) => line.startsWith(`| \`${alarm}\` |`)) ?? "";
  return row.split(" | ").at(-1)?.replace(/ \|$/, "") ?? "";
}

function alarmFrom(typed: string): AlarmName {
  if (isAlarm(typed)) return typed;
  const near = nearest(typed, Object.keys(drills));
  const quoted = JSON.stringify(typed);
  const hint = near ? text(` Did you mean ${near}?`, `您是不是要 ${near}？`) : "";
  throw new UsageError(text(`There is no alarm ${quoted}.${hint}`, `没有告警 ${quoted}。${hint}`));
}

/** Runs one drill to its end. Throws a sentence when the alarm does not come. */
const runDrill = (alarm: AlarmName, drill: Drill) =>
  DrillStack.with(async (stack) => {
    const startedAt = performance.now();
    const subject = await drill.run(stack);
    const event = await stack.raised(alarm, subject);
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    const steps = [...stack.steps];
    const afterwards = await drill.mend?.(stack, subject);
    const facts = { alarm, eventId: event.id, ...subject, seconds, steps, afterwards };
    return { ...facts, clockMoved: stack.wasAdvanced, runbook: runbookLine(alarm) };
  });

function printDrill(what: Text, ran: Awaited<ReturnType<typeof runDrill>>): void {
  const { alarm, eventId, seconds, steps, afterwards, clockMoved, runbook } = ran;
  print(`${alarm}: ${what}`);
  for (const step of steps) print(`  - ${step}`);
  print(text(`Raised after ${seconds} s: ${eventId}.`, `${seconds} 秒后产生告警：${eventId}。`));
  if (afterwards) print(text(`Afterwards: ${afterwards}.`, `之后：${afterwards}。`));
  print(text(`What to do (${RUNBOOK}): ${runbook}`, `怎么办（${RUNBOOK}）：${runbook}`));
  if (clockMoved)
    printError(
      text(
        "The clock of the stack stays ahead: simulate advance --reset sets it back.",
        "本机环境的时钟仍然超前：用 simulate advance --reset 拨回。",
      ),
    );
}

const listed = (): [string, Text][] =>
  Object.entries(drills).map(([alarm, drill]) => [
    alarm,
    "run" in drill ? drill.what : text(`no drill. ${drill.whyNot}`, `无法演练。${drill.whyNot}`),
  ]);

/** `simulate drill`. */
export const drillCommand = defineCommand({
  name: "simulate drill",
  summary: text(
    "Makes the local stack raise an alarm for real, and prints its event and its line of the runbook; without a name lists the alarms.",
    "让本机环境真实地产生一个告警，并输出它的事件和处理方法；不带名称时列出全部告警。",
  ),
  details: text(
    `It works on the stack that runs on LOCAL_DIR (.local), with a verification of its own. Some drills move the clock, by which all
that waits there grows older, and end the faults that somebody planned.`,
    `使用在 LOCAL_DIR（.local）上运行的本机环境，并自行发起一次核身。有的演练会拨快时钟，其中等待的一切也随之变旧，并会结束已设置的故障。`,
  ),
  operands: [text("[<alarm>]", "[<告警>]")],
  options: { json: { type: "boolean", help: text("what happened, as JSON", "以 JSON 输出经过") } },
  examples: [
    ["", text("which alarms there are", "列出全部告警")],
    ["purge_deadline_near", text("a result that is purged soon", "即将被清除的结果")],
  ],
  exitCodes: [
    text("the alarm was raised", "已产生告警"),
    text(
      "it was not, or it has no drill, or no stack runs",
      "没有产生，或无法演练，或没有正在运行的本机环境",
    ),
  ],
  run: async ({ json }, [typed]) => {
    if (typed === undefined) {
      if (json) printJson(Object.fromEntries(listed()));
      else print(columns(listed()));
      return 0;
    }
    const alarm = alarmFrom(typed);
    const drill = drills[alarm];
    if (!("run" in drill)) throw new Error(verbatim(drill.whyNot));
    const ran = await runDrill(alarm, drill);
    if (json) printJson(ran);
    else printDrill(drill.what, ran);
    return 0;
  },
});
