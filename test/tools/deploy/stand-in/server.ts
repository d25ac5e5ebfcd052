/**
 * Tencent's deploy side on this machine: the APIs `scf`, `apigateway`, `tag`, `cam` and `sls` with their signatures, the
 * bucket for uploads, and the other hosts of the old CLI. Our own deploy reaches it through the vendor's SDK, the real CLI and
 * tencent-component-toolkit through loopback.cjs.
 */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { CloudError } from "../../../../simulator/faceid/envelope.ts";
import { Cloud } from "./cloud.ts";
import { type Toolkit, toolkit } from "./engine/toolkit.ts";
import { Gateway } from "./gateway.ts";
import { judged } from "./judge.ts";
import { Platform, type Run, uploadHost } from "./platform.ts";
import { type Action, isAction, writes } from "./requests.ts";
import { answerRoleBinding, cam, isRoleHost, tag } from "./surroundings.ts";
import { type ApiCall, readCall, type Service, serviceOf } from "./wire.ts";

export { key } from "./wire.ts";

/** What goes wrong at a call; with `after`, the call has taken effect all the same. */
export interface Fault {
  readonly when: "before" | "after";
  /** An error code of the vendor's, or the connection breaks. */
  readonly how: "reset" | (string & {});
}

/** A stand-in that listens. */
export interface StandInServer {
  readonly cloud: Cloud;
  readonly gateway: Gateway;
  readonly platform: Platform;
  readonly origin: string;
  readonly port: number;
  /** The actions of SCF so far, refused ones too. */
  calls: Action[];
  /** The fault of the call of SCF with this number, from 0. */
  faults: Map<number, Fault>;
  /** Every signed call of an API so far, as it came. */
  log: ApiCall[];
  /** What was refused because the API's types do not allow it. */
  refused: string[];
  /** Hosts that were asked for and that nothing stands in for. */
  elsewhere: Set<string>;
  /** Each run of a component. */
  readonly runs: readonly Run[];
  /** The vendor's toolkit, working in this account. */
  readonly toolkit: Toolkit;
  /** Variables for a child process, all of whose requests then come here. */
  environment(): Record<string, string>;
  /** An empty account, an empty platform, nothing heard of. */
  reset(): void;
  close(): void;
}

/** The calls among these that change something. */
export const writesIn = (calls: readonly Action[]): Action[] => calls.filter((action) => writes.has(action));

const hook = fileURLToPath(new URL("loopback.cjs", import.meta.url));

/** Starts one on 127.0.0.1. */
export async function startStandIn(): Promise<StandInServer> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => handle(running, request, Buffer.concat(chunks), response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const environment = () => ({
    NODE_OPTIONS: `--require ${JSON.stringify(hook)}`,
    STAND_IN_PORT: String(port),
  });
  const tools = toolkit(environment());
  const fresh = () => ({
    cloud: new Cloud(),
    gateway: new Gateway(),
    platform: new Platform(),
    calls: [],
    faults: new Map<number, Fault>(),
    log: [],
    refused: [],
    elsewhere: new Set<string>(),
  });
  const running: StandInServer = {
    ...fresh(),
    origin: `http://127.0.0.1:${port}`,
    port,
    environment,
    get runs() {
      return this.platform.runs;
    },
    toolkit: tools,
    reset: () => void Object.assign(running, fresh()),
    close() {
      tools.close();
      server.close();
      server.closeAllConnections();
    },
  };
  return running;
}

function handle(
  standIn: StandInServer,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): void {
  const host = (request.headers.host ?? "").replace(/:\d+$/, "");
  const service = serviceOf(host);
  if (service) {
    answerApi(standIn, service, request, body, response);
  } else if (isRoleHost(host)) {
    answerRoleBinding(standIn.platform.roleBinding, request, response);
  } else if (host === uploadHost) {
    const answer = standIn.platform.transfer(request.method ?? "", request.url ?? "", body);
    response.statusCode = answer === undefined ? 404 : 200;
    response.end(answer);
  } else {
    standIn.elsewhere.add(host);
    response.statusCode = 404;
    response.setHeader("connection", "close"); // the CLI does not read such an answer and would wait for it to end
    response.end();
  }
}

function answerApi(
  standIn: StandInServer,
  service: Service,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): void {
  const send = (fields: object) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ Response: { ...fields, RequestId: randomUUID() } }));
  };
  const fail = (code: string, message: string) => send({ Error: { Code: code, Message: message } });
  try {
    const call = readCall(service, request, body);
    standIn.log.push(call);
    if (service === "scf") answerScf(standIn, call, request, send, fail);
    else send(answerOther(standIn, call));
  } catch (error) {
    if (error instanceof CloudError) fail(error.code, error.message);
    else fail("InternalError", String(error));
  }
}

function answerOther(standIn: StandInServer, call: ApiCall): object {
  if (call.service === "sls") return standIn.platform.answer(call.action, call.body, standIn);
  if (call.service === "cam") return cam(call.action);
  const allowed = judge(standIn, call);
  return call.service === "tag"
    ? tag(call.action)
    : standIn.gateway.answer(call.action, allowed, standIn.cloud);
}

function answerScf(
  standIn: StandInServer,
  call: ApiCall,
  request: IncomingMessage,
  send: (fields: object) => void,
  fail: (code: string, message: string) => void,
): void {
  const { action } = call;
  if (!isAction(action)) throw new CloudError("InvalidAction", action);
  const fault = standIn.faults.get(standIn.calls.length);
  standIn.calls.push(action);
  const broken = () => {
    if (fault?.how === "reset") request.socket.destroy();
    else fail(fault?.how ?? "", "A fault that the test planned.");
  };
  if (fault?.when === "before") {
    broken();
    return;
  }
  try {
    const answer = standIn.cloud.answer(action, judge(standIn, call));
    if (!fault) send(answer);
  } catch (error) {
    if (!fault) throw error;
  }
  if (fault) broken();
}

/** The request with its values typed; one that the API's types do not allow is noted before it is refused. */
function judge(standIn: StandInServer, call: ApiCall): unknown {
  try {
    return judged(call);
  } catch (error) {
    if (error instanceof CloudError) standIn.refused.push(error.message);
    throw error;
  }
}
