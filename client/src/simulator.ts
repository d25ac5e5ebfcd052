/**
 * Development without a contract: in place of the camera a face page with 通过 / 失败 / 换人 / 离开, which tells the simulator of a
 * local stack. An entry of its own, so that what is published holds nothing of it.
 */
import type { Channel } from "./contract.ts";
import { finished } from "./device-failure.ts";
import { ZhenrenError } from "./error.ts";
import { called } from "./mini-program/call.ts";
import type { Simulator } from "./platform.ts";
import { chooseOnFacePage } from "./web/face-page.ts";

/** What the person can do. */
const CHOICES = ["通过", "失败", "换人", "离开"];

/** Published codes. E证通 tells of no failed try before the last one, whose code is 16; the others mean "try again". */
const failureOf = (channel: Channel): string =>
  channel === "wechat" ? "10002" : channel === "eid" ? "16" : "1004";

/**
 * The face page of the simulator at `url`, which `npm start` prints. Only this machine: with a real service there is nothing
 * to choose. `failureCode` gives the vendor's code with which 失败 fails.
 *
 * @example createClient({ api: "http://127.0.0.1:3000", simulator: simulator("http://127.0.0.1:3100") })
 */
export function simulator(url: string, failureCode: (channel: Channel) => string = failureOf): Simulator {
  if (!/^http:\/\/(127\.0\.0\.1|localhost)(:\d+)?$/.test(url))
    throw new ZhenrenError("The simulator is at http://127.0.0.1 with a port", "usage");
  return async ({ send, wx, document }, channel, start) => {
    const choice = wx
      ? await called<{ tapIndex: number }>((callbacks) =>
          wx.showActionSheet({ itemList: CHOICES, ...callbacks }),
        ).then(
          ({ tapIndex }) => tapIndex,
          () => CHOICES.length,
        )
      : await chooseOnFacePage(document, CHOICES);
    const outcome = ["passed", failureCode(channel), "other-person"][choice];
    if (outcome === undefined) return { how: "cancelled", code: "cancelled" };
    const [token] = Object.values(start);
    const answer = await send({
      method: "POST",
      url: `${url}/_sim/complete`,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token, outcome }),
    });
    return finished(Object(answer.body).verifyResult);
  };
}

export type { Simulator } from "./platform.ts";
