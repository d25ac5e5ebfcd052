/** The clock of this machine, against that of Tencent Cloud: signatures more than five minutes off are refused. */
import { type Check, failed, notChecked, type Outcome, passed } from "./check.ts";
import { isSimulated } from "./context.ts";
import { fetchWithin } from "./fetch.ts";
import { askTencent } from "./tencent-probe.ts";

const endpoint = "https://faceid.tencentcloudapi.com/";

/** Seconds that two clocks may differ; five minutes would be the end (TencentCloud API 3.0, signature v3). */
export const toleratedSeconds = 60;

const setTheClock =
  "Set this machine's clock by NTP (chrony, timedatectl set-ntp true), and run the doctor again.";

/** Does the service's time agree with ours? The simulator's clock can be moved, so only its verdict on signatures counts. */
export const clockCheck: Check = {
  name: "clock of this machine against Tencent Cloud",
  run: async (context) => {
    const simulated = isSimulated(context);
    if (simulated || context.env["TENCENT_SECRET_ID"]) {
      const { code, kind } = await askTencent(context);
      if (code === "AuthFailure.SignatureExpire") {
        return failed(`They are more than five minutes apart (${code}).`, setTheClock);
      }
      if (simulated && kind === "unavailable") return unknown;
      if (simulated) return passed("the signature's time is accepted");
    }
    return compare(endpoint);
  },
};

const unknown = notChecked("The service does not answer.", "Mend the line about the key first.");

/** Compares with the `Date` header of an address, which is exact to a second. */
export async function compare(url: string): Promise<Outcome> {
  const before = Date.now();
  const { response } = await fetchWithin(url, { method: "HEAD" });
  const theirs = Date.parse(response?.headers.get("date") ?? "");
  if (Number.isNaN(theirs)) return unknown;
  const seconds = Math.round((theirs + 500 - (before + Date.now()) / 2) / 1000);
  if (Math.abs(seconds) > toleratedSeconds) {
    return failed(`This machine is ${Math.abs(seconds)} s ${seconds > 0 ? "behind" : "ahead"}.`, setTheClock);
  }
  return passed(`${Math.abs(seconds)} s apart`);
}
