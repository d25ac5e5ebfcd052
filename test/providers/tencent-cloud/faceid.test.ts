/** The real SDK against a server that misbehaves in every way that services and networks do (THREATS 37–40, 58). */
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { ProviderError } from "../../../shared/providers/provider-error.ts";
import { type FaceId, faceId } from "../../../shared/providers/tencent-cloud/faceid.ts";
import { answering, type Behaviour, http, rawServer } from "./raw-server.ts";

/** What must never be in an error: the server throws all of it back at us. */
const secrets = ["张三", "11010119900307002X", "TOKEN-SECRET", "sim-secret-key", "sim-session-token"];
const quoted = secrets.join(" ");

/** A FaceID client whose every connection meets `behave`; `requests` are what arrived. */
async function facing(behave: Behaviour): Promise<{ client: FaceId; requests: string[] }> {
  const { options, requests } = await rawServer(behave);
  return { client: faceId(options), requests };
}

const refusing = (Code: unknown) =>
  answering({ Response: { Error: { Code, Message: quoted }, RequestId: "5f0c-1" } });

const issue = (client: FaceId) =>
  client.detectAuth({ RuleId: "sim-rule", Name: "张三", IdCard: "11010119900307002X", Extra: "ver_demo" });
const query = (client: FaceId) =>
  client.getDetectInfoEnhanced({ BizToken: "TOKEN-SECRET", RuleId: "sim-rule", InfoType: "1" });

/** The error of both calls; neither holds anything personal, however deep one looks. */
async function failure(call: Promise<unknown>): Promise<ProviderError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ProviderError)) throw new Error(`not a ProviderError: ${inspect(error)}`);
  const all = inspect(error, { depth: 12, showHidden: true }) + JSON.stringify(error);
  for (const secret of secrets) expect(all).not.toContain(secret);
  return error;
}

describe("a service that misbehaves", () => {
  test.each<[string, Behaviour, string, RegExp]>([
    [
      "HTTP 500 that quotes the request",
      answering(quoted, "500 Internal Server Error"),
      "unavailable",
      /HTTP 500/,
    ],
    ["HTTP 503", answering("", "503 Service Unavailable"), "unavailable", /HTTP 503/],
    ["HTTP 403 of a proxy", answering(`<html>${quoted}</html>`, "403 Forbidden"), "unavailable", /HTTP 403/],
    ["HTML instead of JSON", answering(`<html>${quoted}</html>`), "malformed", /JSON/],
    ["truncated JSON", answering(`{"Response":{"BizToken":"TOKEN-SECRET`), "malformed", /JSON/],
    ["an empty body", answering(""), "malformed", /JSON/],
    ["null", answering("null"), "malformed", /JSON/],
    ["no envelope", answering({ BizToken: "TOKEN-SECRET", Text: { ErrCode: 0 } }), "malformed", /JSON/],
    ["a null envelope", answering({ Response: null }), "malformed", /JSON/],
    ["a text for an envelope", answering({ Response: quoted }), "malformed", /wrong type or missing/],
    ["an array for an envelope", answering({ Response: [quoted] }), "malformed", /wrong type or missing/],
    ["an error without a code", answering({ Response: { Error: { Message: quoted } } }), "malformed", /JSON/],
    ["an error whose code is a number", refusing(17), "malformed", /JSON/],
    ["an error that is a text", answering({ Response: { Error: quoted } }), "malformed", /JSON/],
    ["fields of other types", answering({ Response: { BizToken: 5, Text: "0" } }), "malformed", /wrong type/],
    ["its rate limit", refusing("RequestLimitExceeded"), "rate-limited", /RequestLimitExceeded/],
    ["a signature it refuses", refusing("AuthFailure.SignatureFailure"), "configuration", /SignatureFailure/],
    [
      "a RuleId it does not know",
      refusing("InvalidParameterValue.RuleIdNotExist"),
      "configuration",
      /RuleId/,
    ],
    ["a code that every object has", refusing("constructor"), "rejected", /constructor/],
  ])("answers %s", async (_, behave, kind, message) => {
    const { client } = await facing(behave);
    for (const call of [issue, query]) {
      const error = await failure(call(client));
      expect(error.kind).toBe(kind);
      expect(error.message).toMatch(message);
    }
  });

  test("gives its RequestId to the error, for the vendor's support", async () => {
    const { client } = await facing(refusing("InternalError"));
    expect(await failure(query(client))).toMatchObject({
      kind: "unavailable",
      code: "InternalError",
      requestId: "5f0c-1",
    });
  });

  test("says InvalidParameter for a token that it never issued, where it is asked about one", async () => {
    const { client } = await facing(refusing("InvalidParameter"));
    expect((await failure(query(client))).kind).toBe("unknown-token");
    expect((await failure(issue(client))).kind).toBe("rejected");
  });

  test("says BizTokenExpired for a result that it purged", async () => {
    const { client } = await facing(refusing("InvalidParameterValue.BizTokenExpired"));
    expect((await failure(query(client))).kind).toBe("purged");
  });

  test("lets nobody wait for longer than five seconds, whether it is silent or stops half-way", async () => {
    const silent = await facing(() => {});
    const halfway = await facing((socket) => void socket.write(http("200 OK", quoted).slice(0, -9)));
    const before = performance.now();
    const errors = await Promise.all([silent, halfway].map(({ client }) => failure(query(client))));
    for (const error of errors) expect(error).toMatchObject({ kind: "unavailable", retryable: true });
    expect(performance.now() - before).toBeLessThan(7_000);
    expect([...silent.requests, ...halfway.requests]).toHaveLength(2);
  });
});

describe("a connection that breaks", () => {
  const good = answering({ Response: { BizToken: "T-1", Url: "https://x.example/", RequestId: "r" } });
  const breaks: [string, Behaviour][] = [
    ["before the answer", (socket) => socket.resetAndDestroy()],
    ["closed without a word", (socket) => void socket.end()],
    ["inside the headers", (socket) => void socket.end("HTTP/1.1 200 OK\r\ncontent-le")],
    [
      "inside a chunked body",
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"Res\r\n');
        setTimeout(() => socket.destroy(), 20);
      },
    ],
  ];

  test.each(breaks)(
    "%s is tried once more at once, because both calls are free to repeat",
    async (_, broken) => {
      const { client, requests } = await facing((socket, request, nth) =>
        nth === 1 ? broken(socket, request, nth) : good(socket, request, nth),
      );
      expect(await issue(client)).toMatchObject({ BizToken: "T-1" });
      expect(requests).toHaveLength(2);
    },
  );

  test.each(breaks)("%s, twice, is unavailable", async (_, broken) => {
    const { client, requests } = await facing(broken);
    expect((await failure(issue(client))).kind).toBe("unavailable");
    expect(requests).toHaveLength(2);
  });

  test("refused is unavailable", async () => {
    const credential = { secretId: "sim-secret-id", secretKey: "sim-secret-key" };
    const client = faceId({
      credential: () => credential,
      endpointOverride: { host: "127.0.0.1", port: 4598 },
    });
    expect(await failure(query(client))).toMatchObject({ kind: "unavailable" });
  });
});

describe("what is sent", () => {
  test("is the real request: host, action, session token, and the name's own bytes in the body", async () => {
    const { client, requests } = await facing(answering({ Response: { BizToken: "T-1", RequestId: "r" } }));
    await issue(client);
    const [request = ""] = requests;
    expect(request).toMatch(/^POST \/ HTTP\/1\.1\r\n/);
    expect(request).toMatch(/\r\nhost: faceid\.tencentcloudapi\.com\r\n/i);
    expect(request).toMatch(/\r\nx-tc-action: DetectAuth\r\n/i);
    expect(request).toMatch(/\r\nx-tc-token: sim-session-token\r\n/i);
    expect(JSON.parse(request.split("\r\n\r\n")[1] ?? "")).toEqual({
      RuleId: "sim-rule",
      Name: "张三",
      IdCard: "11010119900307002X",
      Extra: "ver_demo",
    });
    expect(request.split("\r\n\r\n")[0]).not.toMatch(/张三|11010119900307002X|sim-secret-key/);
  });
});
