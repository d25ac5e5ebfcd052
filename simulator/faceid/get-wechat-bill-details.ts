import * as z from "zod";
import type { Clock } from "../clock.ts";
import { CloudError } from "./envelope.ts";
import type { Attempt, Flow, Flows } from "./flows.ts";
import type { Action, Fields } from "./gateway.ts";
import { parsedParameters, text } from "./parameters.ts";
import { isCharged, wordingOf } from "./result-codes.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const CHINA_OFFSET_MS = 8 * HOUR_MS;
/** A day's list is there from 06:00 of the next day, and for 365 days (public doc 1007/67729). */
const READY_AFTER_MS = DAY_MS + 6 * HOUR_MS;
const KEPT_MS = 365 * DAY_MS;
/** Tokens per page. The real size is not published. */
const PAGE_SIZE = 500;

/** The parameters of GetWeChatBillDetails (public doc 1007/67729). */
const parameters = z.strictObject({
  Date: z.iso.date(),
  Cursor: z.int().min(0),
  RuleId: text(64).optional(),
});

/** GetWeChatBillDetails: the attempts of one day of UTC+8, by BizToken. */
export function getWeChatBillDetails(flows: Flows, clock: Clock): Action {
  return (body) => {
    const given = parsedParameters(body, parameters);
    return () => {
      const from = Date.parse(`${given.Date}T00:00:00Z`) - CHINA_OFFSET_MS;
      const ageMs = clock.now() - from;
      if (ageMs < READY_AFTER_MS || ageMs > KEPT_MS + DAY_MS) {
        throw new CloudError("InvalidParameter", "Date不在可查询范围内。");
      }
      const isThen = ({ at }: Attempt) => at >= from && at < from + DAY_MS;
      const listed = flows
        .all()
        .filter(({ issuedFor }) => !given.RuleId || issuedFor === given.RuleId)
        .filter(({ attempts }) => attempts.some(isThen));
      const end = given.Cursor + PAGE_SIZE;
      return {
        HasNextPage: end < listed.length,
        NextCursor: Math.min(end, listed.length),
        WeChatBillDetails: listed
          .slice(given.Cursor, end)
          .map((flow) => billDetail(flow, flow.attempts.filter(isThen))),
      };
    };
  };
}

const billDetail = (flow: Flow, attempts: readonly Attempt[]): Fields => ({
  BizToken: flow.token,
  ChargeCount: attempts.filter(({ code }) => isCharged(code)).length,
  ChargeDetails: attempts.map((attempt) => ({
    ReqTime: String(attempt.at),
    Seq: attempt.seq,
    IdCard: `${attempt.idCard.slice(0, 4)}**********${attempt.idCard.slice(-4)}`,
    Idcard: "",
    Name: `${[...attempt.name][0] ?? ""}*`,
    Sim: attempt.sim ?? "",
    IsNeedCharge: isCharged(attempt.code),
    ChargeType: "核身",
    ErrorCode: String(attempt.code),
    ErrorMessage: wordingOf(attempt.code),
  })),
  RuleId: flow.issuedFor,
});
