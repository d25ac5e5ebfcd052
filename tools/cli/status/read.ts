/** Reads how a deployment stands, and finds what needs people. */
import { EXPECTED_WITHIN_MS } from "../../../shared/app/scheduled-function.ts";
import { PURGE_WARNING_MS } from "../../../shared/archive/purge-deadline-alarm.ts";
import { readBacklog } from "../../../shared/console/console.ts";
import type { Backlog } from "../../../shared/contract/console.ts";
import type { Database } from "../../../shared/store/database.ts";
import { lateEvents } from "../../../shared/store/event-log.ts";
import { type Heartbeat, readHeartbeats } from "../../../shared/store/heartbeats.ts";
import { countNearPurge } from "../../../shared/store/purge-deadline.ts";
import { type Text, text } from "../../language/index.ts";

/** An event that a receiver has not taken for so long needs people. */
const LATE_EVENT_MS = 3_600_000;

/** Something that needs people. */
export interface StatusProblem {
  readonly code: "near_purge" | "timer_stopped" | "events_late";
  readonly message: Text;
}

/** How a deployment stands. */
export interface Status {
  readonly backlog: Backlog;
  readonly nearPurge: number;
  /** Every timer function; what never ran has no times. */
  readonly timers: readonly (Pick<Heartbeat, "timer"> & Partial<Heartbeat>)[];
  readonly lateEvents: number;
  readonly problems: readonly StatusProblem[];
}

/** Reads it at `now`, the time of the deployment; `hasReceiver`: whether events go anywhere. */
export async function readStatus(
  db: Database,
  { now, hasReceiver }: { readonly now: Date; readonly hasReceiver: boolean },
): Promise<Status> {
  const [backlog, nearPurge, heartbeats, late] = await Promise.all([
    readBacklog(db, now),
    countNearPurge(db, now, PURGE_WARNING_MS),
    readHeartbeats(db),
    lateEvents(db, new Date(now.getTime() - LATE_EVENT_MS)),
  ]);
  const timers = Object.keys(EXPECTED_WITHIN_MS).map(
    (timer) => heartbeats.find((each) => each.timer === timer) ?? { timer },
  );
  const problems: StatusProblem[] = [];
  if (nearPurge > 0) {
    problems.push({
      code: "near_purge",
      message: text(
        `${nearPurge} results are purged soon and are not archived: see docs/operations.md#before-the-purge-deadline.`,
        `有 ${nearPurge} 个结果即将被服务方删除但尚未归档：见 docs/operations.zh-CN.md#清除期限之前。`,
      ),
    });
  }
  for (const { timer, isOverdue } of heartbeats.filter((each) => each.isOverdue)) {
    if (!isOverdue) continue;
    problems.push({
      code: "timer_stopped",
      message: text(`The timer ${timer} does not run.`, `定时函数 ${timer} 没有运行。`),
    });
  }
  if (late.count > 0 && (hasReceiver || late.wereTried)) {
    problems.push({
      code: "events_late",
      message: text(
        `${late.count} events have waited for more than an hour: try npx zhenren events ping.`,
        `有 ${late.count} 个事件已等待超过一小时：请试 npx zhenren events ping。`,
      ),
    });
  }
  return { backlog, nearPurge, timers, lateEvents: late.count, problems };
}
