/** What a drill does to the stack that runs on LOCAL_DIR: what a user, a provider, the clock and the timers would do. */
import { setTimeout as sleep } from "node:timers/promises";
import { eq, sql } from "drizzle-orm";
import * as z from "zod";
import { type RunningStack, runningStack } from "../../../../local/running.ts";
import type { TimerName } from "../../../../shared/app/scheduled-function.ts";
import { tokenResponse } from "../../../../shared/contract/token.ts";
import { type Verification, verification } from "../../../../shared/contract/verification.ts";
import type { AlarmName } from "../../../../shared/runtime/log.ts";
import { connect, type Database } from "../../../../shared/store/database.ts";
import { listEvents, type StoredEvent } from "../../../../shared/store/event-log.ts";
import { heartbeat } from "../../../../shared/store/schema.ts";
import { type Text, text } from "../../../language/index.ts";
import { control } from "../control.ts";

const ALARM_TIMEOUT_MS = 30_000;
const POLL_MS = 200;
/** More alarms than a stack of one machine has. */
const MAX_ALARMS = 10_000;
/** So many calls that none gets through while a drill runs. */
const ALL_CALLS = 1_000;

/** Whom the request names where the person who finishes is to be another one. */
const SOMEBODY = { name: "张三", idCardNumber: "110101199003070011" };

const tokens = z.object({ user: z.string() });

/** What is raised about: a verification, or a timer. */
export type Subject = { readonly verificationId: string } | { readonly timer: TimerName };

const isAbout = ({ data }: StoredEvent, subject: Subject): boolean => {
  if ("timer" in subject) return data["timer"] === subject.timer;
  const about = data["verification"];
  return (
    typeof about === "object" &&
    about !== null &&
    Reflect.get(about, "verificationId") === subject.verificationId
  );
};

/** The running stack, with the steps that were taken, in words. */
export class DrillStack {
  readonly steps: Text[] = [];
  #advanced = false;

  private constructor(
    private readonly stack: RunningStack,
    private readonly db: Database,
    private readonly known: ReadonlySet<string>,
  ) {}

  /** Works with the stack while `work` runs. Throws a sentence when none runs. */
  static async with<T>(work: (stack: DrillStack) => Promise<T>): Promise<T> {
    const stack = runningStack(process.env["LOCAL_DIR"] || ".local");
    const { db, close } = connect(stack.settings["DATABASE_URL"] ?? "");
    try {
      const before = await listEvents(db, { type: "alarm.raised", limit: MAX_ALARMS });
      return await work(new DrillStack(stack, db, new Set(before.map(({ id }) => id))));
    } finally {
      await close();
    }
  }

  /** Whether the clock was moved. */
  get wasAdvanced(): boolean {
    return this.#advanced;
  }

  /** A verification of the demo user whose person finishes with this outcome; nobody has asked for its result yet. */
  async finishedByPerson(outcome: "passed" | "other-person"): Promise<string> {
    const body = await this.#call(
      "POST",
      "/tokens/mini-program",
      outcome === "passed" ? {} : { identity: SOMEBODY },
    );
    const { verificationId, start } = tokenResponse.parse(body);
    const token = "bizToken" in start ? start.bizToken : "";
    await control("POST", "complete", { token, outcome });
    this.#did(
      outcome === "passed"
        ? text(`${verificationId}: the person passed`, `${verificationId}：用户通过`)
        : text(`${verificationId}: another person passed`, `${verificationId}：通过的是另一个人`),
    );
    return verificationId;
  }

  /** The client asks for the result. */
  async finish(id: string): Promise<Verification> {
    const seen = verification.parse(await this.#call("POST", `/verifications/${id}/finish`, {}));
    this.#did(text(`the client asks: ${seen.status}`, `客户端查询结果：${seen.status}`));
    return seen;
  }

  /** What is known about a verification. */
  async read(id: string): Promise<Verification> {
    return verification.parse(await this.#call("GET", `/verifications/${id}`));
  }

  /** A verification that passed and is not archived yet, while nothing else waits for the archive. */
  async passed(): Promise<string> {
    await this.timer("archive");
    const id = await this.finishedByPerson("passed");
    await this.finish(id);
    return id;
  }

  /** The next calls of the provider's queries fail. */
  async fault(kind: string, count = ALL_CALLS): Promise<void> {
    const api = "GetDetectInfoEnhanced";
    await control("POST", "faults", { api, kind, count });
    this.#did(text(`${api} fails: ${kind}`, `${api} 失败：${kind}`));
  }

  /** No call fails any more, whatever was planned before. */
  async clearFaults(): Promise<void> {
    await control("DELETE", "faults");
    this.#did(text("no call fails any more", "不再有调用失败"));
  }

  /** Moves the clock of the whole stack. */
  async advance(duration: string): Promise<void> {
    await control("POST", "clock", { advance: duration });
    this.#advanced = true;
    this.#did(text(`the clock moves on by ${duration}`, `时钟拨快 ${duration}`));
  }

  /** Runs a timer function once. */
  async timer(name: TimerName): Promise<void> {
    await this.#call("POST", `/_local/timers/${name}`);
    this.#did(text(`${name} ran`, `${name} 运行一次`));
  }

  /** Sets back when a timer ran: heartbeats go by the database's clock, which nobody moves. */
  async forgetRun(timer: TimerName): Promise<void> {
    const expectedBy = sql`now() - interval '1 second'`;
    await this.db.update(heartbeat).set({ expectedBy }).where(eq(heartbeat.timer, timer));
    this.#did(text(`the next run of ${timer} is overdue`, `${timer} 的下一次运行已超时`));
  }

  /** Waits for the alarm that is new and about this. Throws a sentence when none comes. */
  async raised(alarm: AlarmName, subject: Subject): Promise<StoredEvent> {
    const end = performance.now() + ALARM_TIMEOUT_MS;
    do {
      const events = await listEvents(this.db, { type: "alarm.raised", limit: MAX_ALARMS });
      const event = events.find(
        (each) => !this.known.has(each.id) && each.data["alarm"] === alarm && isAbout(each, subject),
      );
      if (event) return event;
      await sleep(POLL_MS);
    } while (performance.now() < end);
    const seconds = ALARM_TIMEOUT_MS / 1_000;
    const steps = this.steps.join(text("; ", "；"));
    throw new Error(
      text(
        `${alarm} was not raised within ${seconds} s. What was done: ${steps}.`,
        `${seconds} 秒内没有产生告警 ${alarm}。已执行：${steps}。`,
      ),
    );
  }

  #did(step: Text): void {
    this.steps.push(step);
  }

  async #call(method: "GET" | "POST", path: string, body?: object): Promise<unknown> {
    const { user } = tokens.parse(await (await fetch(new URL("/_local/tokens", this.stack.url))).json());
    const response = await fetch(new URL(path, this.stack.url), {
      method,
      headers: { authorization: `Bearer ${user}`, "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (response.ok) return response.json();
    throw new Error(
      text(
        `${method} ${path} was refused: HTTP ${response.status} ${await response.text()}`,
        `${method} ${path} 被拒绝：HTTP ${response.status} ${await response.text()}`,
      ),
    );
  }
}
