/** Large media are taken while the answer comes, through the real clients, from a server that sends what a test says. */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { describe, expect, test, vi } from "vitest";
import { eidChannel } from "../../../shared/channels/eid/channel.ts";
import { miniProgramChannel } from "../../../shared/channels/mini-program/index.ts";
import type { Channel, EvidenceKind, EvidenceStream, FetchOptions } from "../../../shared/channels/types.ts";
import { ProviderError } from "../../../shared/providers/provider-error.ts";
import { eid, faceId } from "../../../shared/providers/tencent-cloud/index.ts";
import {
  answering,
  type Behaviour,
  http,
  type RawServer,
  rawServer,
} from "../../providers/tencent-cloud/raw-server.ts";

const film = Buffer.concat([Buffer.from("\0\0\0\x18ftypmp42", "latin1"), randomBytes(300_000)]);
const sound = Buffer.concat([Buffer.from("RIFF\0\0\0\0WAVEfmt ", "latin1"), randomBytes(200_000)]);
const encoded = (bytes: Buffer) => bytes.toString("base64");

const channels: Readonly<Record<string, (server: RawServer) => Channel>> = {
  faceid: ({ options }) => miniProgramChannel(faceId(options)),
  eid: ({ options }) => eidChannel({ client: eid(options) }),
};

/** Fetches from a server, with what was taken; `take` does what a store would. */
async function fetchFrom(
  server: RawServer,
  kinds: readonly EvidenceKind[],
  { channel = "faceid", take = wholeOf, ...options }: { channel?: string; take?: Take } & FetchOptions = {},
) {
  const taken: { name: string; mediaType: string; bytes: Buffer | undefined }[] = [];
  const issued = { token: "T", start: {}, account: { ruleId: "R" } };
  const evidence = await channels[channel]?.(server).fetchEvidence(
    { verificationId: "ver_1", owner: "user-1", issued },
    kinds,
    {
      ...options,
      takeLarge: async (file) => {
        const { name, mediaType } = file;
        taken.push({ name, mediaType, bytes: await take(file) });
      },
    },
  );
  return { taken, evidence };
}

type Take = (file: EvidenceStream) => Promise<Buffer | undefined>;

const wholeOf: Take = async ({ chunks }) => {
  const all: Buffer[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
};

const failureOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

const compressed =
  (body: string): Behaviour =>
  (socket) => {
    const bytes = gzipSync(body);
    socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bytes.length}\r\n\r\n`);
    socket.write(bytes);
  };

describe("a large medium", () => {
  const intention = {
    IntentionVerifyData: { IntentionVerifyVideo: encoded(film), ErrorCode: 0, AsrResult: "我同意" },
    IntentionQuestionResult: {
      Audios: [encoded(Buffer.from("short")), encoded(sound)],
      FinalResultCode: "0",
    },
    IsVerifyIntention: true,
  };
  const body = JSON.stringify({ Response: intention });

  test.each([
    ["faceid", "as it is", answering(body)],
    ["eid", "as it is", answering(body)],
    ["faceid", "compressed", compressed(body)],
    ["faceid", "with escaped slashes", answering(body.replaceAll("/", "\\/"))],
    ["faceid", "in lines", answering(body.replace(/[A-Za-z0-9+/]{76}/g, "$&\\r\\n"))],
  ] as const)(
    "is taken from an answer of %s, %s, and the rest is read as ever",
    async (channel, _, behave) => {
      const { taken, evidence } = await fetchFrom(await rawServer(behave), ["intention"], { channel });
      expect(taken).toEqual([
        { name: "intention-video.mp4", mediaType: "video/mp4", bytes: film },
        { name: "intention-question-audio-2.wav", mediaType: "audio/wav", bytes: sound },
      ]);
      expect(evidence?.unreadable).toEqual([]);
      expect(evidence?.pieces.map(({ name }) => name)).toEqual([
        "intention.json",
        "intention-question-audio-1.bin",
      ]);
      expect(JSON.parse(String(evidence?.pieces[0]?.bytes))).toEqual({
        IntentionVerifyData: { ErrorCode: 0, AsrResult: "我同意" },
        IntentionQuestionResult: { FinalResultCode: "0" },
      });
    },
  );

  test.each([
    [
      "with a letter that is none of Base64 in its middle",
      (text: string) => `${text.slice(0, 200_001)}*${text.slice(200_002)}`,
    ],
    ["cut", (text: string) => text.slice(0, -3)],
    ["with more behind its end", (text: string) => `${text}==AAAA`],
  ])("%s is unreadable, whoever takes it hears of it, and the others are taken", async (_, damage) => {
    const damaged = body.replace(encoded(film), damage(encoded(film)));
    const heard: unknown[] = [];
    const { taken, evidence } = await fetchFrom(await rawServer(answering(damaged)), ["intention"], {
      take: (file) =>
        wholeOf(file).catch((error: unknown) => {
          heard.push(error);
          throw error;
        }),
    });
    expect(heard).toHaveLength(1);
    expect(taken.map(({ name }) => name)).toEqual(["intention-question-audio-2.wav"]);
    expect(evidence?.unreadable).toEqual(["intention"]);
  });

  test("of a kind that was not asked for is not taken", async () => {
    const { taken, evidence } = await fetchFrom(await rawServer(answering(body)), ["video"]);
    expect(taken).toEqual([]);
    expect(evidence?.pieces).toEqual([]);
  });

  test("that nobody reads to its end does not keep the rest back", async () => {
    const server = await rawServer(answering(body));
    const { taken, evidence } = await fetchFrom(server, ["intention"], { take: async () => undefined });
    expect(taken).toHaveLength(2);
    expect(evidence?.pieces).toHaveLength(2);
  });

  test.each<[string, Behaviour, Partial<ProviderError>]>([
    [
      "breaks off",
      (socket) => {
        const whole = http("200 OK", body);
        socket.write(whole.slice(0, whole.length - 1_000), () => socket.destroy());
      },
      { kind: "unavailable" },
    ],
    ["is no JSON behind it", answering(`${body.slice(0, -2)}]}`), { kind: "malformed" }],
    [
      "is not UTF-8 in it",
      (socket) => void socket.write(Buffer.from(http("200 OK", body.replace("w", "\xff")), "latin1")),
      { kind: "malformed" },
    ],
    [
      "is an error all the same",
      answering({
        Response: { ...intention, Error: { Code: "InternalError", Message: "m" }, RequestId: "r" },
      }),
      { kind: "unavailable", code: "InternalError" },
    ],
  ])("in an answer that %s costs the call", async (_, behave, expected) => {
    const error = await failureOf(fetchFrom(await rawServer(behave), ["intention"]));
    expect(error).toBeInstanceOf(ProviderError);
    expect(error).toMatchObject(expected);
  });

  /** Sends a video without end, as fast as it is taken. */
  const endless =
    (sent: { bytes: number }): Behaviour =>
    (socket) => {
      const piece = encoded(randomBytes(48 * 1024));
      socket.write('HTTP/1.1 200 OK\r\n\r\n{"Response":{"VideoData":{"LivenessVideo":"');
      const more = () => {
        do sent.bytes += piece.length;
        while (!socket.destroyed && socket.write(piece));
      };
      socket.on("drain", more);
      more();
    };

  test("that is stored slowly is not read ahead of, and the time of the call decides", async () => {
    const sent = { bytes: 0 };
    const server = await rawServer(endless(sent));
    let taken = 0;
    const slow: Take = async ({ chunks }) => {
      for await (const chunk of chunks) {
        taken += chunk.length;
        await sleep(200);
      }
      return undefined;
    };
    const call = fetchFrom(server, ["video"], { take: slow, signal: AbortSignal.timeout(1_500) });
    expect(await failureOf(call)).toMatchObject({ kind: "unavailable", code: "timeout" });
    expect(taken).toBeGreaterThan(0);
    // What is on its way is in the sockets' own buffers, which the system bounds.
    expect(sent.bytes).toBeLessThan(30_000_000);
    await vi.waitFor(() => expect(server.sockets.size).toBe(0), 5_000);
  });

  test("is part of what an answer may have of bytes", async () => {
    const server = await rawServer(endless({ bytes: 0 }));
    const take: Take = async ({ chunks }) => {
      for await (const _ of chunks);
      return undefined;
    };
    const error = await failureOf(fetchFrom(server, ["video"], { take }));
    expect(error).toMatchObject({
      kind: "malformed",
      message: expect.stringMatching(/larger than \d+ bytes/),
    });
    await vi.waitFor(() => expect(server.sockets.size).toBe(0), 5_000);
  });
});
