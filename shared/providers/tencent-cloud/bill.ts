/** Tencent Cloud's own list of the attempts that it charges: GetWeChatBillDetails, 20 calls/s per account. */
import * as z from "zod/mini";
import { MEDIA_LIMITS, type TencentCloudOptions } from "./clients.ts";
import { faceIdCall } from "./faceid-client.ts";

const chargeDetail = z.object({
  Seq: z.string().check(z.minLength(1)),
  /** Milliseconds since 1970, as text. */
  ReqTime: z.nullish(z.string()),
  IsNeedCharge: z.boolean(),
});

/** The attempts of one BizToken on one day. Masked names and numbers come along and are not read. */
const billDetail = z.object({
  BizToken: z.string().check(z.minLength(1)),
  ChargeCount: z.int(),
  ChargeDetails: z.nullish(z.array(chargeDetail)),
});
export type BillDetail = z.infer<typeof billDetail>;

const billDetailsAnswer = z.object({
  HasNextPage: z.boolean(),
  NextCursor: z.nullish(z.int()),
  WeChatBillDetails: z.nullish(z.array(billDetail)),
});
export type BillDetailsAnswer = z.infer<typeof billDetailsAnswer>;

/** What GetWeChatBillDetails takes (Tencent doc 1007/67729). */
export interface BillDetailsRequest {
  /** A day of UTC+8, `YYYY-MM-DD`: from 06:00 of the next day, and for 365 days. */
  readonly Date: string;
  /** 0 for the first page, then `NextCursor` of the page before. */
  readonly Cursor: number;
}

/** Makes the call. Throws only `ProviderError`. */
export function faceIdBill(options: TencentCloudOptions) {
  const call = faceIdCall(options);
  return (request: BillDetailsRequest): Promise<BillDetailsAnswer> =>
    call("GetWeChatBillDetails", billDetailsAnswer, MEDIA_LIMITS, {}, (client) =>
      client.GetWeChatBillDetails({ ...request }),
    );
}
