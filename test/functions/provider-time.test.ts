/** A provider that stalls, against the time of each function's invocation (cases A3 and A5). */
import { beforeAll, describe, expect, test, vi } from "vitest";
import * as z from "zod";
import { parseKeyring } from "../../shared/crypto/keyring.ts";
import { connect } from "../../shared/store/database.ts";
import { sealIssued } from "../../shared/store/record.ts";
import { verification } from "../../shared/store/schema.ts";
import { hashState } from "../../shared/verification/landing-state.ts";
import { eidResult } from "../channels/eid/answers.ts";
import { simulated } from "../config/sample.ts";
import { functionUrlEvent, scfContext } from "../http/events.ts";
import {
  answering,
  type Behaviour,
  type RawServer,
  rawServer,
} from "../providers/tencent-cloud/raw-server.ts";
import { bearerToken } from "../support/callers.ts";
import { freshDatabase } from "../support/database.ts";
import { freshFunction } from "./fresh-function.ts";

const id = "ver_01990000-0000-7000-8000-000000000001";
const state = "S".repeat(32);
const chunked = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";

const drip: Behaviour = (socket) => {
  socket.write(chunked);
  const timer = setInterval(() => socket.write("1\r\n \r\n"), 50);
  socket.on("close", () => clearInterval(timer));
};

/** An eID flow that passed the face, whose intention the provider then takes for ever to tell. */
const stalledIntention: Behaviour = (socket, request, nth) => {
  const answer = (Response: unknown) => answering({ Response })(socket, request, nth);
  if (/x-tc-action: CheckEidTokenStatus/i.test(request)) return answer({ Status: "finished" });
  if (request.includes('"InfoType":"1"')) return answer(eidResult({ IsVerifyIntention: true }));
  return drip(socket, request, nth);
};

/** One pending verification in a database of its own, and the environment of functions that meet `behave`. */
async function world(behave: Behaviour, kmsKeyId = ""): Promise<{ server: RawServer; secret: string }> {
  const server = await rawServer(behave);
  const databaseUrl = await freshDatabase();
  const urls = { DATABASE_URL: databaseUrl, SIMULATOR_URL: `http://127.0.0.1:${server.port}` };
  const env = { ...simulated, ...urls, KMS_KEY_ID: kmsKeyId };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  vi.stubEnv("AUTH_JWKS_URL", "");
  const { db, close } = connect(databaseUrl);
  const now = Date.now();
  await db.insert(verification).values({
    id,
    channel: "eid",
    owner: "mei",
    issued: sealIssued(parseKeyring(env.MASTER_KEY), id, {
      token: "EID-TOKEN",
      start: {},
      account: { merchantId: "sim-merchant", inputType: "1", intention: "1" },
    }),
    stateHash: hashState(state),
    createdAt: new Date(now - 60_000),
    expiresAt: new Date(now + 600_000),
    purgeAt: new Date(now + 259_000_000),
    checkAt: new Date(now - 1),
  });
  await close();
  return { server, secret: env.AUTH_SECRET };
}

/** Gives a fresh instance one event; `leftMs` is what the invocation has. Answers with what came and how long it took. */
async function invoke(name: string, event: unknown, leftMs: number) {
  const mainHandler = await freshFunction(name);
  const startedAt = performance.now();
  const elapsed = () => performance.now() - startedAt;
  const context = scfContext({ getRemainingTimeInMillis: () => leftMs - elapsed() });
  return { answer: await mainHandler(event, context), elapsedMs: elapsed() };
}

const httpAnswer = z.object({ statusCode: z.number(), body: z.string() });

describe("a provider that stalls in the middle of an intention", () => {
  let secret = "";
  let server: RawServer;
  beforeAll(() => vi.stubEnv("LOG_LEVEL", "silent"));

  const finish = async () =>
    functionUrlEvent({
      path: `/verifications/${id}/finish`,
      body: "{}",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${await bearerToken(secret, { sub: "mei", scope: "user" })}`,
      },
    });

  test("leaves finish the time to answer what is known", async () => {
    ({ secret, server } = await world(stalledIntention));
    const { answer, elapsedMs } = await invoke("verification", await finish(), 5_000);
    expect(elapsedMs).toBeLessThan(5_000);
    const { statusCode, body } = httpAnswer.parse(answer);
    expect(statusCode).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ verificationId: id, status: "pending" });
    expect(server.requests).toHaveLength(3);
  });

  test("leaves the landing page the time to say so", async () => {
    await world(stalledIntention);
    const event = functionUrlEvent({ httpMethod: "GET", path: `/h5/landing/${state}`, body: "" });
    const { answer, elapsedMs } = await invoke("h5-landing", event, 5_000);
    expect(elapsedMs).toBeLessThan(5_000);
    expect(httpAnswer.parse(answer).statusCode).toBe(200);
  });

  test("takes no more than ten seconds of reconcile, inside its lease", async () => {
    await world(stalledIntention);
    vi.stubEnv("WEBHOOK_URL", "");
    const event = { Type: "Timer", TriggerName: "t", Time: new Date().toISOString(), Message: "" };
    const { answer, elapsedMs } = await invoke("reconcile", event, 120_000);
    expect(answer).toMatchObject({ asked: 1, settled: 0, pending: 1 });
    expect(elapsedMs).toBeLessThan(20_000);
  });
});

describe("a provider that stalls at once", () => {
  const tokenEvent = (secret: string, path: string, identity: boolean) => async () =>
    functionUrlEvent({
      path,
      body: JSON.stringify(
        identity ? { identity: { name: "张三", idCardNumber: "11010119900307002X" } } : {},
      ),
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${await bearerToken(secret, { sub: "mei", scope: "user" })}`,
      },
    });

  test.each([
    ["token-h5", "/tokens/h5"],
    ["token-mini-program", "/tokens/mini-program"],
    ["token-eid", "/tokens/eid"],
    ["token-wechat", "/tokens/wechat"],
  ])("leaves %s the time to answer 503", async (name, path) => {
    const { secret } = await world(drip);
    const event = await tokenEvent(secret, path, true)();
    const { answer, elapsedMs } = await invoke(name, event, 4_500);
    expect(httpAnswer.parse(answer).statusCode).toBe(503);
    expect(elapsedMs).toBeLessThan(4_500);
  });

  test("leaves a token function the time to answer 503 where it is KMS, too", async () => {
    const { secret, server } = await world(drip, simulated.KMS_KEY_ID);
    const event = await tokenEvent(secret, "/tokens/h5", true)();
    const { answer, elapsedMs } = await invoke("token-h5", event, 4_500);
    expect(httpAnswer.parse(answer).statusCode).toBe(503);
    expect(elapsedMs).toBeLessThan(4_500);
    expect(server.requests).toEqual([expect.stringMatching(/x-tc-action: Encrypt/i)]);
  });

  test("leaves login the time to answer 503", async () => {
    await world(drip);
    const event = functionUrlEvent({
      path: "/login",
      body: '{"code":"a-code"}',
      headers: { "content-type": "application/json" },
    });
    const { answer, elapsedMs } = await invoke("login", event, 4_500);
    expect(httpAnswer.parse(answer).statusCode).toBe(503);
    expect(elapsedMs).toBeLessThan(4_500);
  });
});
