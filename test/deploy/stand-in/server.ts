/** A stand-in for SCF's API on this machine: checks TC3 as the real one does, then lets the account answer. */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Incoming } from "../../../simulator/exchange.ts";
import {
  authorizationOf,
  checkSignature,
  commonParameter,
} from "../../../simulator/faceid/authentication.ts";
import { CloudError } from "../../../simulator/faceid/envelope.ts";
import { Cloud } from "./cloud.ts";
import { type Action, isAction, writes } from "./requests.ts";

/** The key that the stand-in knows. */
export const key = { secretId: "AKIDinventedfordeploys01", secretKey: "invented-deploy-key-0123456789ab" };

/** What goes wrong at a call; with `after`, the call has taken effect all the same. */
export interface Fault {
  readonly when: "before" | "after";
  /** An error code of the vendor's, or the connection breaks. */
  readonly how: "reset" | (string & {});
}

/** A stand-in that listens. */
export interface StandInServer {
  readonly cloud: Cloud;
  readonly origin: string;
  readonly port: number;
  /** The actions so far, refused ones too. */
  calls: Action[];
  /** The fault of the call with this number, from 0. */
  faults: Map<number, Fault>;
  close(): void;
}

/** The calls among these that change something. */
export const writesIn = (calls: readonly Action[]): Action[] => calls.filter((action) => writes.has(action));

/** Starts one on 127.0.0.1. */
export async function startStandIn(): Promise<StandInServer> {
  const state: Pick<StandInServer, "cloud" | "calls" | "faults"> = {
    cloud: new Cloud(),
    calls: [],
    faults: new Map(),
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => handle(running, request, Buffer.concat(chunks), response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  const running: StandInServer = { ...state, origin: `http://127.0.0.1:${port}`, port, close };
  return running;
}

function handle(
  standIn: StandInServer,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): void {
  const send = (fields: object) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ Response: { ...fields, RequestId: randomUUID() } }));
  };
  const fail = (code: string, message: string) => send({ Error: { Code: code, Message: message } });
  const fault = standIn.faults.get(standIn.calls.length);
  const broken = () => {
    if (fault?.how === "reset") return request.socket.destroy();
    return fail(fault?.how ?? "", "A fault that the test planned.");
  };
  try {
    const action = authenticated(request, body);
    standIn.calls.push(action);
    if (fault?.when === "before") return void broken();
    try {
      const answer = standIn.cloud.answer(action, JSON.parse(body.toString("utf8")));
      if (!fault) send(answer);
    } finally {
      if (fault) broken();
    }
  } catch (error) {
    if (response.writableEnded || request.socket.destroyed) return; // the fault was the answer
    if (error instanceof CloudError) fail(error.code, error.message);
    else fail("InternalError", String(error));
  }
}

function authenticated(request: IncomingMessage, body: Buffer): Action {
  const host = request.headers.host ?? "";
  const query = new URLSearchParams();
  const incoming: Incoming = {
    method: "POST",
    host,
    path: "/",
    query,
    headers: request.headers,
    body,
    tooLarge: false,
  };
  const authorization = authorizationOf(incoming);
  const timestamp = commonParameter(incoming, "Timestamp");
  if (authorization.secretId !== key.secretId) throw new CloudError("AuthFailure.SecretIdNotFound", "…");
  if (Math.abs(Date.now() / 1_000 - Number(timestamp)) > 300)
    throw new CloudError("AuthFailure.SignatureExpire", "…");
  if (authorization.service !== "scf" || host !== "scf.tencentcloudapi.com")
    throw new CloudError("AuthFailure.SignatureFailure", "another service");
  checkSignature(incoming, authorization, timestamp, key);
  if (commonParameter(incoming, "Version") !== "2018-04-16") throw new CloudError("NoSuchVersion", "…");
  if (request.headers["x-tc-region"] !== "ap-guangzhou") throw new CloudError("UnsupportedRegion", "…");
  const action = commonParameter(incoming, "Action");
  if (!isAction(action)) throw new CloudError("InvalidAction", action);
  return action;
}
