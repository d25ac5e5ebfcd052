import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  cautiousNow,
  clockDriftMs,
  forgetServerDate,
  noteServerDate,
} from "../../shared/providers/server-clock.ts";
import { faceId } from "../../shared/providers/tencent-cloud/faceid.ts";
import { wechatClient } from "../../shared/providers/wechat/http.ts";
import { rawServer } from "./tencent-cloud/raw-server.ts";

const now = new Date("2027-03-01T08:00:00.000Z");

beforeEach(() => {
  forgetServerDate();
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(now);
});
afterEach(() => {
  vi.useRealTimers();
  forgetServerDate();
});

describe("the clock of a provider", () => {
  test("is not known before it has answered: then ours counts", () => {
    expect([clockDriftMs(), cautiousNow()]).toEqual([undefined, now]);
  });

  test.each([
    ["ahead", "Mon, 01 Mar 2027 07:00:00 GMT", 3_600_000, "2027-03-01T07:00:00.000Z"],
    ["behind", "Mon, 01 Mar 2027 09:00:00 GMT", -3_600_000, "2027-03-01T08:00:00.000Z"],
    ["right", "Mon, 01 Mar 2027 08:00:00 GMT", 0, "2027-03-01T08:00:00.000Z"],
  ])("shows that ours is %s, and what ends, ends by the later of the two", (_, date, drift, cautious) => {
    noteServerDate(date);
    expect([clockDriftMs(), cautiousNow().toISOString()]).toEqual([drift, cautious]);
  });

  test("goes on with ours between two answers, and the last answer counts", () => {
    noteServerDate("Mon, 01 Mar 2027 07:00:00 GMT");
    vi.setSystemTime(now.getTime() + 5_000);
    expect(cautiousNow().toISOString()).toBe("2027-03-01T07:00:05.000Z");
    noteServerDate("Mon, 01 Mar 2027 08:00:05 GMT");
    expect(clockDriftMs()).toBe(0);
  });

  test.each([undefined, "", "yesterday", 5, ["Mon, 01 Mar 2027 07:00:00 GMT"]])(
    "is not told by %j",
    (header) => {
      noteServerDate(header);
      expect(clockDriftMs()).toBeUndefined();
    },
  );
});

describe("is read from the answers", () => {
  const date = "Mon, 01 Mar 2027 06:30:00 GMT";
  const answer = (status: string, body: string) =>
    `HTTP/1.1 ${status}\r\ndate: ${date}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  const server = (text: string) => rawServer((socket) => void socket.write(text));

  test.each([
    ["good ones", answer("200 OK", '{"Response":{"RequestId":"r"}}')],
    ["errors", answer("200 OK", '{"Response":{"Error":{"Code":"InternalError"},"RequestId":"r"}}')],
    ["refusals of a gateway", answer("503 Service Unavailable", "")],
  ])("of Tencent Cloud, %s", async (_, text) => {
    const { port } = await server(text);
    const credential = () => ({ secretId: "id", secretKey: "key" });
    const client = faceId({ credential, endpointOverride: { host: "127.0.0.1", port } });
    await client.getDetectInfoEnhanced({ BizToken: "b", RuleId: "1", InfoType: "1" }).catch(() => undefined);
    expect(clockDriftMs()).toBe(5_400_000);
  });

  test.each([
    ["good ones", answer("200 OK", '{"errcode":0}')],
    ["refusals of a gateway", answer("502 Bad Gateway", "")],
  ])("of WeChat, %s", async (_, text) => {
    const { port } = await server(text);
    const client = wechatClient({ baseUrl: `http://127.0.0.1:${port}` });
    await client.send({ operation: "getinfo", method: "GET", path: "/" }).catch(() => undefined);
    expect(clockDriftMs()).toBe(5_400_000);
  });
});
