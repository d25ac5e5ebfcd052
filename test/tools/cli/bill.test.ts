import { join } from "node:path";
import fc from "fast-check";
import { v7 as uuidv7 } from "uuid";
import { afterEach, describe, expect, test, vi } from "vitest";
import { ProviderError } from "../../../shared/providers/provider-error.ts";
import type { BillDetail, BillDetailsAnswer } from "../../../shared/providers/tencent-cloud/index.ts";
import { connect } from "../../../shared/store/database.ts";
import { sealIssued } from "../../../shared/store/record.ts";
import { attempt, verification } from "../../../shared/store/schema.ts";
import { firstIdAt } from "../../../shared/store/verifications.ts";
import { Clock } from "../../../simulator/clock.ts";
import { Attempts, type Outcome } from "../../../simulator/faceid/attempts.ts";
import { type Flow, Flows } from "../../../simulator/faceid/flows.ts";
import { FACEID_FLOWS } from "../../../simulator/faceid/service.ts";
import { type Comparison, compareDay, type LedgerDay } from "../../../tools/cli/bill/compare.ts";
import { billDay, billMonth } from "../../../tools/cli/bill/days.ts";
import { fetchBill } from "../../../tools/cli/bill/fetch.ts";
import { keyring } from "../../archive/channel.ts";
import { runningSimulator, temporaryFolder } from "../../simulator/running.ts";
import { runCommand } from "../../support/command.ts";
import { freshDatabase } from "../../support/database.ts";

interface Try {
  readonly seq: string;
  readonly isCharged: boolean;
}

/** A day in which both sides agree: tokens by number, each with its tries. */
const agreeing = (tokens: readonly (readonly Try[])[]): { bill: BillDetail[]; ledger: LedgerDay } => ({
  bill: tokens.map((tries, token) => ({
    BizToken: `TOKEN-${token}`,
    ChargeCount: tries.filter(({ isCharged }) => isCharged).length,
    ChargeDetails: tries.map(({ seq, isCharged }) => ({ Seq: seq, IsNeedCharge: isCharged })),
  })),
  ledger: {
    verificationOf: new Map(tokens.map((_, token) => [`TOKEN-${token}`, `ver_${token}`])),
    attempts: tokens.flatMap((tries, token) =>
      tries.map(({ seq, isCharged }) => ({
        verificationId: `ver_${token}`,
        seq,
        at: new Date(0),
        charged: isCharged,
      })),
    ),
  },
});

const kinds = ({ differences }: Comparison) => differences.map(({ kind, seq }) => [kind, seq]);

const someTokens = fc
  .array(fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 20 })
  .map((tokens) =>
    tokens.map((tries, token) => tries.map((isCharged, n) => ({ seq: `${token}-${n}`, isCharged }))),
  );

describe("a day's bill and a day's record", () => {
  test("that agree have no difference, in whatever order they come", () => {
    fc.assert(
      fc.property(someTokens, (tokens) => {
        const { bill, ledger } = agreeing(tokens);
        const charged = tokens.flat().filter(({ isCharged }) => isCharged).length;
        const compared = compareDay(bill.toReversed(), ledger);
        expect(compared).toEqual({ billed: charged, recorded: charged, differences: [] });
      }),
    );
  });

  test("differ by exactly the attempts that one side lacks, or charges otherwise", () => {
    const changes = ["not-in-ledger", "not-in-bill", "charge-differs"] as const;
    fc.assert(
      fc.property(
        someTokens,
        fc.infiniteStream(fc.constantFrom(...changes, "none" as const)),
        (tokens, stream) => {
          const { bill, ledger } = agreeing(tokens);
          const expected: [string, string][] = [];
          let attempts = [...ledger.attempts];
          let lines = bill.map((detail) => ({ ...detail, ChargeDetails: [...(detail.ChargeDetails ?? [])] }));
          for (const { seq, isCharged } of tokens.flat()) {
            const change = stream.next().value;
            if (change === "none" || (change !== "charge-differs" && !isCharged)) continue;
            expected.push([change, seq]);
            if (change === "not-in-ledger") attempts = attempts.filter((each) => each.seq !== seq);
            if (change === "charge-differs") {
              attempts = attempts.map((each) => (each.seq === seq ? { ...each, charged: !isCharged } : each));
            }
            if (change === "not-in-bill") {
              lines = lines.map((detail) => {
                const rest = detail.ChargeDetails.filter(({ Seq }) => Seq !== seq);
                const gone = detail.ChargeDetails.length - rest.length;
                return { ...detail, ChargeDetails: rest, ChargeCount: detail.ChargeCount - gone };
              });
            }
          }
          expect(kinds(compareDay(lines, { ...ledger, attempts })).toSorted()).toEqual(expected.toSorted());
        },
      ),
    );
  });

  test("differ where the provider's count for a token is not that of its own lines", () => {
    const { bill, ledger } = agreeing([[{ seq: "s", isCharged: true }]]);
    const compared = compareDay([{ ...bill[0], BizToken: "TOKEN-0", ChargeCount: 2 }], ledger);
    expect(compared.differences).toEqual([
      { kind: "count-differs", verificationId: "ver_0", seq: null, bill: 2, ledger: 1 },
    ]);
  });

  test("are joined by the attempt where the token was erased, and an unknown token is shown by its start", () => {
    const { bill, ledger } = agreeing([[{ seq: "s", isCharged: true }]]);
    expect(compareDay(bill, { ...ledger, verificationOf: new Map() }).differences).toEqual([]);
    const { differences } = compareDay(bill, { verificationOf: new Map(), attempts: [] });
    expect(differences).toEqual([
      { kind: "not-in-ledger", verificationId: null, tokenStart: "TOKEN-0", seq: "s", bill: 1, ledger: 0 },
    ]);
  });

  test("differ where the ledger has an attempt under another verification than the token's", () => {
    const { bill, ledger } = agreeing([[{ seq: "s", isCharged: true }]]);
    const attempts = ledger.attempts.map((each) => ({ ...each, verificationId: "ver_other" }));
    expect(kinds(compareDay(bill, { ...ledger, attempts }))).toEqual([["not-in-ledger", "s"]]);
  });

  test("differ where the ledger does not know whether an attempt is charged", () => {
    const { bill, ledger } = agreeing([[{ seq: "s", isCharged: true }]]);
    const attempts = ledger.attempts.map((each) => ({ ...each, charged: null }));
    expect(compareDay(bill, { ...ledger, attempts }).differences).toMatchObject([
      { kind: "charge-differs", bill: 1, ledger: null },
    ]);
  });
});

describe("a day of the bill", () => {
  const china = new Intl.DateTimeFormat("sv-SE", {
    timeZone: "Asia/Shanghai",
    dateStyle: "short",
    timeStyle: "medium",
  });

  test("is a day of China, on any day of the years", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date("2020-01-01"), max: new Date("2030-01-01"), noInvalidDate: true }),
        (time) => {
          const name = china.format(time).slice(0, 10);
          const { from, to } = billDay(name, new Date(time.getTime() + 100 * 3_600_000));
          expect([china.format(from), china.format(to.getTime() - 1)]).toEqual([
            `${name} 00:00:00`,
            `${name} 23:59:59`,
          ]);
        },
      ),
    );
  });

  test.each(["2026-02-30", "2026-13-01", "20261121", "yesterday", ""])("is not %j", (name) => {
    expect(() => billDay(name, new Date("2026-11-27T00:00:00Z"))).toThrow("is no day");
  });

  test("is there from six o'clock of the next day in China, and for 365 days", () => {
    const ready = new Date("2026-11-22T06:00:00+08:00");
    expect(billDay("2026-11-21", ready).name).toBe("2026-11-21");
    expect(() => billDay("2026-11-21", new Date(ready.getTime() - 1))).toThrow("not there yet");
    expect(() => billDay("2025-11-19", ready)).toThrow("the last 365 days");
  });

  test("belongs to a month as far as it is there", () => {
    const names = billMonth("2026-11", new Date("2026-11-04T05:00:00+08:00")).map(({ name }) => name);
    expect(names).toEqual(["2026-11-01", "2026-11-02"]);
    expect(billMonth("2026-02", new Date("2026-11-04T05:00:00+08:00"))).toHaveLength(28);
    expect(() => billMonth("2026-12", new Date("2026-11-04T05:00:00+08:00"))).toThrow("is no month");
  });
});

describe("the provider's pages", () => {
  const day = billDay("2026-11-21", new Date("2026-11-25T00:00:00Z"));
  const page = (token: string, next?: number): BillDetailsAnswer => ({
    HasNextPage: next !== undefined,
    NextCursor: next,
    WeChatBillDetails: [{ BizToken: token, ChargeCount: 0, ChargeDetails: [] }],
  });

  test("are read to the last, and again where the provider was busy", async () => {
    const call = vi
      .fn()
      .mockResolvedValueOnce(page("A", 7))
      .mockRejectedValueOnce(new ProviderError("rate-limited", "GetWeChatBillDetails"))
      .mockResolvedValueOnce(page("B"));
    const details = await fetchBill(call, day);
    expect(details.map(({ BizToken }) => BizToken)).toEqual(["A", "B"]);
    expect(call.mock.calls.map(([{ Cursor }]) => Cursor)).toEqual([0, 7, 7]);
  });

  test("that lead back to where they were are an error, not a loop", async () => {
    await expect(fetchBill(async () => page("A", 0), day)).rejects.toThrow("goes on");
  });

  test("that are refused are not asked for again", async () => {
    const call = vi.fn().mockRejectedValue(new ProviderError("configuration", "GetWeChatBillDetails"));
    await expect(fetchBill(call, day)).rejects.toThrow("configuration");
    expect(call).toHaveBeenCalledTimes(1);
  });
});

test("the smallest id of a time is below the ids made then, and above those made before", () => {
  for (const time of [0, 1_700_000_000_000, Date.now()]) {
    const [before, then] = [
      `ver_${uuidv7({ msecs: Math.max(0, time - 1) })}`,
      `ver_${uuidv7({ msecs: time })}`,
    ];
    expect(firstIdAt(new Date(time)) < then).toBe(true);
    if (time > 0) expect(before < firstIdAt(new Date(time))).toBe(true);
  }
});

describe("npm run bill", () => {
  afterEach(() => vi.useRealTimers());

  const bill = (env: Record<string, string>, ...args: string[]) =>
    runCommand("bill.ts", args, { LC_ALL: "C", ...env });

  test.each([
    { args: [] },
    { args: ["--date", "2026-11-21", "--month", "2026-11"] },
    { args: ["--date", "yesterday"] },
    { args: ["--month", "2026-13"] },
  ])("$args are wrong usage before a deployment is looked for", async ({ args }) => {
    expect(await bill({ LOCAL_DIR: temporaryFolder() }, ...args)).toMatchObject({ code: 2, out: "" });
  });

  test("finds what differs between the simulated provider's list and the database, and nothing else", async () => {
    const folder = temporaryFolder();
    const noon = Date.parse("2026-11-21T12:00:00+08:00");
    const clock = new Clock(folder);
    const flows = new Flows(join(folder, "simulator"), clock, FACEID_FLOWS);
    const attempts = new Attempts(flows, clock, 5);
    vi.useFakeTimers({ toFake: ["Date"] });
    const flowAt = (time: number, outcomes: readonly Outcome[]): Flow => {
      vi.setSystemTime(time);
      let flow = flows.issue({ issuedFor: "sim-rule-h5", source: "card" });
      for (const outcome of outcomes) {
        const made = attempts.attempt(flow, outcome);
        if (made.ok) flow = made.flow;
      }
      return flow;
    };
    // More than one page of them; 2006 is charged as a pass is, 1001 is not.
    const whole = Array.from({ length: 505 }, (_, n) =>
      flowAt(noon + n, n === 0 ? [1001, 2006, "passed"] : ["passed"]),
    );
    const unknown = flowAt(noon, ["passed"]);
    const unrecorded = flowAt(noon, ["passed"]);
    const dayBefore = flowAt(noon - 12 * 3_600_000 - 1, ["passed"]);

    vi.useRealTimers();

    const databaseUrl = await freshDatabase();
    const { db, close } = connect(databaseUrl);
    const record = async (flow: Flow, isComplete = true) => {
      const id = `ver_${uuidv7({ msecs: flow.createdAt })}`;
      const issued = sealIssued(keyring, id, { token: flow.token, start: {}, account: {} });
      const row = { id, channel: "h5", owner: "o", issued, createdAt: new Date(flow.createdAt) };
      const made = flow.attempts.map(({ seq, at, code }) => ({
        verificationId: id,
        seq,
        at: new Date(at),
        code: String(code),
        charged: code === 0 || code === 2006,
      }));
      return { row, made: isComplete ? made : [], id };
    };
    const records = await Promise.all([
      ...whole.map((flow) => record(flow)),
      record(unrecorded, false),
      record(dayBefore),
    ]);
    const ghost = {
      verificationId: records[0]?.id ?? "",
      seq: "ghost",
      at: new Date(noon),
      code: "0",
      charged: true,
    };
    await db.insert(verification).values(records.map(({ row }) => row));
    await db.insert(attempt).values([...records.flatMap(({ made }) => made), ghost]);
    await close();

    const simulator = await runningSimulator({ LOCAL_DIR: folder });
    const env = {
      DATABASE_URL: databaseUrl,
      MASTER_KEY: `test-1:${Buffer.alloc(32, 7).toString("base64")}`,
      SIMULATOR_URL: simulator.origin,
      TENCENT_SECRET_ID: "sim-secret-id",
      TENCENT_SECRET_KEY: "sim-secret-key",
    };
    const { code, out, err } = await bill(env, "--date", "2026-11-21", "--csv");
    expect({ code, err: err.trim() }).toEqual({
      code: 1,
      err: "508 charged attempts in the bill, 507 on record: 3 differences.",
    });
    const lastSeq = (flow: Flow) => flow.attempts.at(-1)?.seq;
    expect(out.trim().split("\n").toSorted()).toEqual(
      [
        "day,kind,verification,seq,bill,ledger",
        `2026-11-21,not-in-ledger,${unknown.token.slice(0, 8)}…,${lastSeq(unknown)},1,0`,
        `2026-11-21,not-in-ledger,${records[505]?.id},${lastSeq(unrecorded)},1,0`,
        `2026-11-21,not-in-bill,${ghost.verificationId},ghost,0,1`,
      ].toSorted(),
    );
    for (const { token } of whole) expect(out).not.toContain(token);
    expect(await bill(env, "--date", "2026-11-20")).toMatchObject({ code: 0, out: "" });
  });
});
