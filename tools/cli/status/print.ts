/** The status for people: numbers, a small chart of the time that is left, and what needs them. */
import { BACKLOG_STEP_HOURS, type Backlog } from "../../../shared/contract/console.ts";
import { padded, text } from "../../language/index.ts";
import { table } from "../archive/table.ts";
import { print } from "../command.ts";
import type { Status } from "./read.ts";

const BAR_WIDTH = 40;
const LABEL_WIDTH = 22;

/** Bars of how many wait, by the hours left to the purge deadline; the most of them has the whole width. */
export function chartOf(hoursToPurge: Backlog["hoursToPurge"]): string {
  const most = Math.max(...hoursToPurge.map(({ count }) => count));
  return hoursToPurge
    .map(({ from, count }) => {
      const label = from < 0 ? text("too late", "已过期限") : `${from}–${from + BACKLOG_STEP_HOURS} h`;
      return `  ${padded(label, 10)} ${"█".repeat(Math.ceil((count / most) * BAR_WIDTH))} ${count}`;
    })
    .join("\n");
}

const shown = (time: string | null) => time?.replace(/\.\d+Z$/, "Z") ?? "-";

const countsOf = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ") || "-";

function timerState({ secondsAgo, isOverdue }: Status["timers"][number]): string {
  if (secondsAgo === undefined) return text("has not run yet", "还没有运行过");
  const ago = text(`ran ${secondsAgo} s ago`, `${secondsAgo} 秒前运行过`);
  return isOverdue ? `${ago}, ${text("OVERDUE", "已超时")}` : ago;
}

/** Prints all of it. */
export function printStatus({ backlog, timers, problems }: Status): void {
  const facts = [
    [text("pending", "未出结果"), backlog.pending],
    [text("not archived", "未归档"), backlog.unarchived],
    [text("the oldest of them", "其中最早的"), shown(backlog.oldestCreatedAt)],
    [text("next purge deadline", "最近的删除期限"), shown(backlog.nextPurgeAt)],
    [text("events not delivered", "未送达的事件"), backlog.undeliveredEvents],
    [text("since", "统计起点"), shown(backlog.recent.since)],
    [text("  results", "  结果"), countsOf(backlog.recent.byStatus)],
    [text("  archive", "  归档"), countsOf(backlog.recent.byArchive)],
  ] as const;
  for (const [name, value] of facts) print(`${padded(name, LABEL_WIDTH)}${value}`);
  if (backlog.hoursToPurge.length > 0) {
    print(`\n${text("Not archived, by the time to the purge deadline", "未归档，按距删除期限的时间")}`);
    print(chartOf(backlog.hoursToPurge));
  }
  const head = [text("TIMER", "定时函数"), text("STATE", "状态")];
  const rows = timers.map((timer) => [timer.timer, timerState(timer)]);
  print(`\n${table(head, rows)}\n`);
  if (problems.length === 0) print(text("Nothing needs people.", "无需人工处理。"));
  for (const { message } of problems) print(`! ${message}`);
}
