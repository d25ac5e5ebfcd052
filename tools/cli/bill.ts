/** `npx zhenren bill`: compares what the provider charges with what this deployment has on record. */

import { shiftDate } from "../../local/functions/shifted-date.ts";
import { keyringOf, keySettings } from "../../shared/app/keys.ts";
import { tencentCloud } from "../../shared/channels/faceid/tencent-cloud.ts";
import { readSettings } from "../../shared/config/read.ts";
import { faceIdBill } from "../../shared/providers/tencent-cloud/index.ts";
import { databaseError } from "../../shared/store/database.ts";
import { text } from "../language/index.ts";
import { table } from "./archive/table.ts";
import { type Comparison, compareDay, type Difference } from "./bill/compare.ts";
import { type BillDay, billDay, billMonth, dayFrom, monthFrom } from "./bill/days.ts";
import { fetchBill, readLedger } from "./bill/fetch.ts";
import { defineCommand, print, printError, printJson, UsageError } from "./command.ts";
import { configuration } from "./configuration.ts";
import { connectForCommand } from "./open-database.ts";

/** How a day of the bill compares. */
type ComparedDay = Comparison & { readonly day: string };

async function compare(
  env: Readonly<Record<string, string | undefined>>,
  days: readonly BillDay[],
): Promise<ComparedDay[]> {
  const settings = readSettings(["DATABASE_URL", ...keySettings], env);
  const call = faceIdBill(tencentCloud(settings));
  const keyring = keyringOf(settings);
  const { db, close } = connectForCommand(settings.DATABASE_URL);
  try {
    const compared: ComparedDay[] = [];
    for (const day of days) {
      const failed = new AbortController(); // one side is not read to its end once the other has failed
      const sides = Promise.all([fetchBill(call, day, failed.signal), readLedger(db, keyring, day)]);
      const [bill, ledger] = await sides.finally(() => failed.abort());
      compared.push({ day: day.name, ...compareDay(bill, ledger) });
    }
    return compared;
  } catch (error) {
    throw databaseError(error);
  } finally {
    await close();
  }
}

/**
 * Which days are wanted, checked before a deployment is looked for; which of them the provider lists is a question of the
 * deployment's time.
 */
function daysFrom({
  date,
  month,
}: {
  date?: string | undefined;
  month?: string | undefined;
}): (now: Date) => BillDay[] {
  if (date !== undefined && month === undefined) {
    dayFrom(date);
    return (now) => [billDay(date, now)];
  }
  if (date === undefined && month !== undefined) {
    monthFrom(month);
    return (now) => billMonth(month, now);
  }
  throw new UsageError(text("bill needs either --date or --month.", "bill 需要 --date 或 --month 之一。"));
}

const COLUMNS = ["day", "kind", "verification", "seq", "bill", "ledger"] as const;

const cellsOf = (day: string, { kind, verificationId, tokenStart, seq, bill, ledger }: Difference) =>
  [day, kind, verificationId ?? `${tokenStart}…`, seq ?? "-", bill, ledger ?? "?"] as const;

const command = defineCommand({
  name: "bill",
  summary: text(
    "Compares the attempts that Tencent Cloud charges with those on record, for mini-program and H5, and names each difference.",
    "把腾讯云计费的核身次数与本部署的记录逐条比较（小程序和 H5），列出每一处不同。",
  ),
  details: text(
    `It works on the deployment in the environment, or, without DATABASE_URL there, on the stack that runs on LOCAL_DIR (.local), or,
without one, on that of .env. Days are those of UTC+8; a day's bill is there from 06:00 of the next day, for 365 days. The provider
lists neither eID nor WeChat's own API there.`,
    `比较环境变量中的部署；其中没有 DATABASE_URL 时，比较在 LOCAL_DIR（.local）上运行的本机环境；没有本机环境时，比较 .env。
日期按北京时间；次日 06:00 之后可查询，保留 365 天。服务方的这份账单不包括 eID 和微信自有接口。`,
  ),
  options: {
    date: {
      type: "string",
      value: text("<day>", "<日期>"),
      help: text("one day, YYYY-MM-DD", "某一天，YYYY-MM-DD"),
    },
    month: {
      type: "string",
      value: text("<month>", "<月份>"),
      help: text("all days of a month that are there, YYYY-MM", "某个月中可查询的所有日期，YYYY-MM"),
    },
    csv: {
      type: "boolean",
      help: text("the differences as CSV, with a head", "以带表头的 CSV 输出不同之处"),
    },
    json: {
      type: "boolean",
      help: text("one JSON array with an entry per day", "输出一个 JSON 数组，每天一项"),
    },
  },
  examples: [
    ["--date 2026-11-21", text("one day", "某一天")],
    ["--month 2026-11 --csv", text("a month, for a spreadsheet", "某个月，用于电子表格")],
  ],
  exitCodes: [
    text("both agree", "两者一致"),
    text("they differ, or one of them cannot be read", "有不同，或其中之一无法读取"),
  ],
  run: async ({ date, month, csv, json }) => {
    const daysAt = daysFrom({ date, month });
    const { env, clockOffsetMs } = configuration(process.env);
    if (clockOffsetMs !== 0) shiftDate(() => clockOffsetMs);
    const days = await compare(env, daysAt(new Date()));
    const rows = days.flatMap(({ day, differences }) =>
      differences.map((difference) => cellsOf(day, difference)),
    );
    if (json) printJson(days);
    else if (csv) print([COLUMNS, ...rows].map((cells) => cells.join(",")).join("\n"));
    else if (rows.length > 0)
      print(
        table(
          COLUMNS.map((name) => name.toUpperCase()),
          rows,
        ),
      );
    const total = (of: (day: ComparedDay) => number) => days.reduce((sum, day) => sum + of(day), 0);
    const [billed, recorded] = [total((day) => day.billed), total((day) => day.recorded)];
    printError(
      text(
        `${billed} charged attempts in the bill, ${recorded} on record: ${rows.length} differences.`,
        `账单中计费 ${billed} 次，记录中计费 ${recorded} 次：${rows.length} 处不同。`,
      ),
    );
    return rows.length === 0 ? 0 : 1;
  },
});

process.exitCode = await command.run(process.argv.slice(2));
