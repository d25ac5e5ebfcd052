/** What a call may take at most, whatever the other side does: time, bytes, hosts, kinds of answers (cases A3, A8–A10). */
import { once } from "node:events";
import { createServer } from "node:http";
import type { Socket } from "node:net";
import { createGzip, gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { ProviderError } from "../../../shared/providers/provider-error.ts";
import { eid } from "../../../shared/providers/tencent-cloud/eid.ts";
import { faceId } from "../../../shared/providers/tencent-cloud/faceid.ts";
import { type Behaviour, http, type RawServer, rawServer } from "./raw-server.ts";

const good = JSON.stringify({ Response: { BizToken: "T-1", RequestId: "r", Text: { ErrCode: 0 } } });
const person = { Name: "张三", IdCard: "11010119900307002X" };

const issue = ({ options }: RawServer, signal?: AbortSignal) =>
  faceId(options).detectAuth({ RuleId: "sim-rule", ...person }, { signal });
const result = ({ options }: RawServer, InfoType: string, signal?: AbortSignal) =>
  faceId(options).getDetectInfoEnhanced({ BizToken: "T-1", RuleId: "sim-rule", InfoType }, { signal });

async function failure(call: Promise<unknown>): Promise<ProviderError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ProviderError)) throw new Error(`not a ProviderError: ${error}`);
  return error;
}

/** Goes on writing for as long as the connection is there. */
function drip(socket: Socket, begin: string, piece: string): void {
  socket.write(begin);
  const timer = setInterval(() => socket.write(piece), 50);
  socket.on("close", () => clearInterval(timer));
}

const chunked = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n";

const stalls: [string, Behaviour][] = [
  ["silence", () => {}],
  ["a status line that drips", (socket) => drip(socket, "HTTP/1.1 200 ", "O")],
  ["headers that drip", (socket) => drip(socket, "HTTP/1.1 200 OK\r\n", "x-more: 1\r\n")],
  ["a body that drips", (socket) => drip(socket, `${chunked}\r\n`, "1\r\n \r\n")],
  ["a body that stops", (socket) => void socket.write(`${http("200 OK", good).slice(0, -3)}`)],
  [
    "a compressed body that stops",
    (socket) => {
      const compressed = gzipSync(good);
      socket.write(
        `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${compressed.length}\r\n\r\n`,
      );
      socket.write(compressed.subarray(0, -2));
    },
  ],
  ["a second try that is silent", (socket, _, nth) => void (nth === 1 && socket.resetAndDestroy())],
];

describe("the time of a call", () => {
  test.each(stalls)("is over after %s, and the socket is given back", async (_, behave) => {
    const server = await rawServer(behave);
    for (const call of [issue, (s: RawServer, signal?: AbortSignal) => result(s, "4", signal)]) {
      const startedAt = performance.now();
      const error = await failure(call(server, AbortSignal.timeout(300)));
      expect(error).toMatchObject({ kind: "unavailable", code: "timeout", retryable: true });
      expect(performance.now() - startedAt).toBeLessThan(3_000);
    }
    expect(server.requests.length).toBeGreaterThanOrEqual(2);
    await vi.waitFor(() => expect(server.sockets.size).toBe(0), 5_000);
  });

  test("is limited by the call itself, for 60 at once that drip, and the 61st is not kept waiting", async () => {
    let isWell = false;
    const server = await rawServer((socket) =>
      isWell ? void socket.write(http("200 OK", good)) : drip(socket, `${chunked}\r\n`, "1\r\n \r\n"),
    );
    const client = faceId(server.options);
    const startedAt = performance.now();
    const query = { BizToken: "T-1", RuleId: "sim-rule", InfoType: "1" };
    const errors = await Promise.all(
      Array.from({ length: 60 }, () => failure(client.getDetectInfoEnhanced(query))),
    );
    expect(performance.now() - startedAt).toBeLessThan(12_000);
    for (const error of errors) expect(error).toMatchObject({ kind: "unavailable", code: "timeout" });
    expect(server.requests).toHaveLength(60);
    await vi.waitFor(() => expect(server.sockets.size).toBe(0), 5_000);
    isWell = true;
    expect(await client.getDetectInfoEnhanced(query)).toMatchObject({ Text: { ErrCode: 0 } });
  });

  test("is over at once, with nothing sent, if the caller has none left", async () => {
    const server = await rawServer(() => {});
    expect(await failure(issue(server, AbortSignal.abort()))).toMatchObject({ code: "timeout" });
    expect(
      await failure(eid(server.options).checkEidTokenStatus("T-1", { signal: AbortSignal.abort() })),
    ).toMatchObject({ kind: "unavailable", code: "timeout" });
    expect(server.requests).toEqual([]);
  });
});

describe("the size of an answer", () => {
  const endless: [string, Behaviour][] = [
    [
      "that unpacks without end",
      (socket) => {
        const gzip = createGzip();
        socket.write("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\n\r\n");
        gzip.pipe(socket);
        fill(gzip);
      },
    ],
    [
      "that never ends",
      (socket) => {
        socket.write("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n");
        fill(socket);
      },
    ],
  ];

  /** Writes spaces for as long as somebody takes them. */
  function fill(stream: NodeJS.WritableStream & { destroyed: boolean }): void {
    const piece = Buffer.alloc(1024 * 1024, " ");
    const more = () => {
      while (!stream.destroyed && stream.write(piece));
    };
    stream.on("drain", more).on("error", () => {});
    more();
  }

  test.each(
    endless.flatMap(
      ([name, behave]) =>
        [
          ["1", name, behave],
          ["4", name, behave],
        ] as const,
    ),
  )(
    "is capped (InfoType %s): one %s is malformed, memory stays flat, the socket is closed",
    async (infoType, _, behave) => {
      const server = await rawServer(behave);
      const before = process.memoryUsage.rss();
      let most = before;
      const watch = setInterval(() => {
        most = Math.max(most, process.memoryUsage.rss());
      }, 20);
      onTestFinished(() => clearInterval(watch));
      const error = await failure(result(server, infoType));
      expect(error.kind).toBe("malformed");
      expect(error.message).toMatch(/larger than \d+ bytes/);
      // The cap once for the answer, and as much again for what the sending half of this very process holds.
      expect(most - before).toBeLessThan(250 * 1024 * 1024);
      await vi.waitFor(() => expect(server.sockets.size).toBe(0), 5_000);
    },
  );

  test("leaves room for a video: 33 MB of JSON are read, and as text are refused", async () => {
    const video = "A".repeat(33 * 1024 * 1024);
    const server = await rawServer(
      (socket) =>
        void socket.write(
          http("200 OK", JSON.stringify({ Response: { VideoData: { LivenessVideo: video } } })),
        ),
    );
    expect((await result(server, "4")).VideoData?.LivenessVideo).toHaveLength(video.length);
    expect(await failure(result(server, "1"))).toMatchObject({ kind: "malformed" });
  });
});

describe("a redirect", () => {
  const codes = [300, 301, 302, 303, 307, 308];
  const targets = ["another host", "the same host"] as const;
  test.each(codes.flatMap((code) => targets.map((target) => [code, target] as const)))(
    "%i to %s is not followed: the person goes nowhere else",
    async (code, target) => {
      const seen: string[] = [];
      const other = createServer((request, response) => {
        seen.push(request.url ?? "");
        response.setHeader("content-type", "application/json").end(good);
      }).listen(0, "127.0.0.1");
      await once(other, "listening");
      onTestFinished(() => void other.close());
      const address = other.address();
      const port = typeof address === "object" ? address?.port : 0;
      const location = target === "the same host" ? "/elsewhere" : `http://127.0.0.1:${port}/`;
      const server = await rawServer((socket) => {
        socket.write(`HTTP/1.1 ${code} Elsewhere\r\nlocation: ${location}\r\ncontent-length: 0\r\n\r\n`);
      });
      for (const call of [issue(server), result(server, "1"), result(server, "4")]) {
        expect((await failure(call)).kind).toBe("malformed");
      }
      expect(server.requests).toHaveLength(3);
      expect(seen).toEqual([]);
    },
  );
});

describe("an answer of another kind", () => {
  test.each([
    "text/event-stream",
    "text/html; charset=utf-8",
    "text/plain",
    "application/jsonp",
    "application/xml",
    "",
  ])("(%j) is malformed, not nothing", async (type) => {
    const server = await rawServer((socket) => void socket.write(http("200 OK", good, type)));
    for (const call of [issue(server), result(server, "1"), result(server, "4")]) {
      expect((await failure(call)).kind).toBe("malformed");
    }
  });

  test.each(["application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"])(
    "(%j) is no other kind",
    async (type) => {
      const server = await rawServer((socket) => void socket.write(http("200 OK", good, type)));
      expect(await issue(server)).toMatchObject({ BizToken: "T-1" });
    },
  );

  const encoded =
    (encoding: string, body: Buffer): Behaviour =>
    (socket) => {
      socket.write(
        `HTTP/1.1 200 OK\r\ncontent-encoding: ${encoding}\r\ncontent-length: ${body.length}\r\n\r\n`,
      );
      socket.write(body);
    };

  test("is read when it is compressed as we asked", async () => {
    expect(await issue(await rawServer(encoded("gzip", gzipSync(good))))).toMatchObject({ BizToken: "T-1" });
  });

  test.each<[string, string, Buffer]>([
    ["compressed as we did not ask", "br", Buffer.from(good)],
    ["compressed twice", "gzip, gzip", gzipSync(gzipSync(good))],
    ["said to be compressed", "gzip", Buffer.from(good)],
    ["compressed and cut", "gzip", gzipSync(good).subarray(0, -9)],
    ["not UTF-8", "identity", Buffer.from(good, "latin1").fill(0xff, 30, 31)],
  ])("that is %s is malformed", async (_, encoding, body) => {
    const server = await rawServer(encoded(encoding, body));
    expect((await failure(issue(server))).kind).toBe("malformed");
  });
});

test("a credential that no header can carry is the configuration's fault, and is not repeated", async () => {
  const server = await rawServer(() => {});
  for (const secretId of ["AKID\n", "AKID\u200b", "密钥"]) {
    const options = { ...server.options, credential: () => ({ secretId, secretKey: "k" }) };
    const error = await failure(faceId(options).detectAuth({ RuleId: "sim-rule", ...person }));
    expect(error.kind).toBe("configuration");
    expect(error.message).not.toContain(secretId);
  }
  expect(server.requests).toEqual([]);
});
