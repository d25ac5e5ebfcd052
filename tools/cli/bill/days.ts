/** Days as the provider bills them: by UTC+8, listed from 06:00 of the next day, for 365 days (Tencent doc 1007/67729). */
import { text } from "../../language/index.ts";
import { UsageError } from "../command.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const CHINA_OFFSET_MS = 8 * HOUR_MS;
const READY_AFTER_MS = DAY_MS + 6 * HOUR_MS;
const KEPT_DAYS = 365;

/** A day: its name, `YYYY-MM-DD`, and its bounds. */
export interface BillDay {
  readonly name: string;
  readonly from: Date;
  readonly to: Date;
}

function dayNamed(name: string): BillDay | undefined {
  const from = Date.parse(`${name}T00:00:00+08:00`);
  // `Date.parse` takes 2026-02-30 for the second of March.
  if (Number.isNaN(from) || nameOf(from) !== name) return undefined;
  return { name, from: new Date(from), to: new Date(from + DAY_MS) };
}

const nameOf = (time: number): string => new Date(time + CHINA_OFFSET_MS).toISOString().slice(0, 10);

const isReady = ({ from }: BillDay, now: Date): boolean => now.getTime() - from.getTime() >= READY_AFTER_MS;

const isKept = ({ from }: BillDay, now: Date): boolean =>
  now.getTime() - from.getTime() <= (KEPT_DAYS + 1) * DAY_MS;

/** The day of a name. Throws `UsageError`. */
export function dayFrom(name: string): BillDay {
  const day = dayNamed(name);
  if (day) return day;
  const quoted = JSON.stringify(name);
  throw new UsageError(
    text(`--date ${quoted} is no day, such as 2026-11-21.`, `--date ${quoted} 不是日期，例如 2026-11-21。`),
  );
}

/** The day that a person names. Throws `UsageError` for one that is none, or that the provider does not list now. */
export function billDay(name: string, now: Date): BillDay {
  const day = dayFrom(name);
  if (!isReady(day, now)) {
    throw new UsageError(
      text(
        `The bill of ${name} is not there yet: it comes at 06:00 of the next day, by the time of China.`,
        `${name} 的账单还没有：次日北京时间 06:00 之后才能查询。`,
      ),
    );
  }
  if (!isKept(day, now)) {
    throw new UsageError(
      text(`The provider lists the last ${KEPT_DAYS} days only.`, `服务方只提供最近 ${KEPT_DAYS} 天的账单。`),
    );
  }
  return day;
}

/** The days of a month. Throws `UsageError` if it is none, or if nothing of it is listed. */
export function monthFrom(name: string, isListed: (day: BillDay) => boolean = () => true): BillDay[] {
  const isMonth = /^\d{4}-(0[1-9]|1[0-2])$/.test(name);
  const all = isMonth
    ? Array.from({ length: 31 }, (_, n) => dayNamed(`${name}-${String(n + 1).padStart(2, "0")}`))
    : [];
  const days = all.flatMap((day) => day ?? []).filter(isListed);
  if (days.length > 0) return days;
  const quoted = JSON.stringify(name);
  throw new UsageError(
    text(
      `--month ${quoted} is no month, such as 2026-11, of which the provider lists days now.`,
      `--month ${quoted} 不是服务方目前可查询的月份，例如 2026-11。`,
    ),
  );
}

/** The days of a month that the provider lists now. Throws `UsageError` if it is no month, or if there are none. */
export const billMonth = (name: string, now: Date): BillDay[] =>
  monthFrom(name, (day) => isReady(day, now) && isKept(day, now));
