/**
 * A fake of Tencent Cloud for deploys: the APIs `scf`, `apigateway`, `tag`, `cam` and `sls` with their signatures, the bucket for
 * uploads, and the other hosts of the old CLI. Our own deploy reaches it through the vendor's SDK; the real CLI and
 * tencent-component-toolkit reach it through loopback.cjs.
 */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { CloudError } from "../../../../simulator/faceid/envelope.ts";
import { type Toolkit, toolkit } from "./engine/toolkit.ts";
import { FakeGateway } from "./fake-gateway.ts";
import { FakePlatform, type PlatformRun, uploadHost } from "./fake-platform.ts";
import { FakeScf } from "./fake-scf.ts";
import { answerRoleBinding, cam, isRoleHost, tag } from "./other-services.ts";
import { type Action, isAction, writes } from "./scf-requests.ts";
import { validateRequest } from "./validate-request.ts";
import { type ApiCall, type ApiName, readCall, serviceOf } from "./wire.ts";

export { key } from "./wire.ts";

/** A failure of one call; with `after`, the call has taken effect nevertheless. */
export interface Fault {
  readonly when: "before" | "after";
  /** One of the vendor's error codes, or a broken connection. */
  readonly how: "reset" | (string & {});
}

/** A fake that listens. */
export interface FakeCloud {
  readonly scf: FakeScf;
  readonly gateway: FakeGateway;
  readonly platform: FakePlatform;
  readonly origin: string;
  readonly port: number;
  /** The actions of SCF so far, including failed ones. */
  calls: Action[];
  /** The fault of the call of SCF with this number, from 0. */
  faults: Map<number, Fault>;
  /** Every call with a valid signature so far. */
  log: ApiCall[];
  /** What the API's types do not allow. */
  rejected: string[];
  /** Requested hosts that this fake does not have. */
  unknownHosts: Set<string>;
  /** Each run of a component. */
  readonly runs: readonly PlatformRun[];
  /** The vendor's toolkit, working in this account. */
  readonly toolkit: Toolkit;
  /** Variables for a child process that send all of its requests here. */
  environment(): Record<string, string>;
  /** Empties account, platform and logs. */
  reset(): void;
  close(): void;
}

/** The calls among these that change something. */
export const writesIn = (calls: readonly Action[]): Action[] => calls.filter((action) => writes.has(action));

const hook = fileURLToPath(new URL("loopback.cjs", import.meta.url));

/** Starts one on 127.0.0.1. */
export async function startFakeCloud(): Promise<FakeCloud> {
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
    FAKE_CLOUD_PORT: String(port),
  });
  const tools = toolkit(environment());
  const fresh = () => ({
    scf: new FakeScf(),
    gateway: new FakeGateway(),
    platform: new FakePlatform(),
    calls: [],
    faults: new Map<number, Fault>(),
    log: [],
    rejected: [],
    unknownHosts: new Set<string>(),
  });
  const running: FakeCloud = {
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
  fakeCloud: FakeCloud,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): void {
  const host = (request.headers.host ?? "").replace(/:\d+$/, "");
  const service = serviceOf(host);
  if (service) {
    answerApi(fakeCloud, service, request, body, response);
  } else if (isRoleHost(host)) {
    answerRoleBinding(fakeCloud.platform.roleBinding, request, response);
  } else if (host === uploadHost) {
    const answer = fakeCloud.platform.transfer(request.method ?? "", request.url ?? "", body);
    response.statusCode = answer === undefined ? 404 : 200;
    response.end(answer);
  } else {
    fakeCloud.unknownHosts.add(host);
    response.statusCode = 404;
    response.setHeader("connection", "close"); // the CLI does not read this response and would wait for its end
    response.end();
  }
}

function answerApi(
  fakeCloud: FakeCloud,
  service: ApiName,
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
    fakeCloud.log.push(call);
    if (service === "scf") answerScf(fakeCloud, call, request, send, fail);
    else send(answerOther(fakeCloud, call));
  } catch (error) {
    if (error instanceof CloudError) fail(error.code, error.message);
    else fail("InternalError", String(error));
  }
}

function answerOther(fakeCloud: FakeCloud, call: ApiCall): object {
  if (call.service === "sls") return fakeCloud.platform.answer(call.action, call.body, fakeCloud);
  if (call.service === "cam") return cam(call.action);
  const typed = validated(fakeCloud, call);
  return call.service === "tag"
    ? tag(call.action)
    : fakeCloud.gateway.answer(call.action, typed, fakeCloud.scf);
}

function answerScf(
  fakeCloud: FakeCloud,
  call: ApiCall,
  request: IncomingMessage,
  send: (fields: object) => void,
  fail: (code: string, message: string) => void,
): void {
  const { action } = call;
  if (!isAction(action)) throw new CloudError("InvalidAction", action);
  const fault = fakeCloud.faults.get(fakeCloud.calls.length);
  fakeCloud.calls.push(action);
  const broken = () => {
    if (fault?.how === "reset") request.socket.destroy();
    else fail(fault?.how ?? "", "A fault that the test planned.");
  };
  if (fault?.when === "before") {
    broken();
    return;
  }
  try {
    const answer = fakeCloud.scf.answer(action, validated(fakeCloud, call));
    if (!fault) send(answer);
  } catch (error) {
    if (!fault) throw error;
  }
  if (fault) broken();
}

/** The request with its values typed; records what the API's types do not allow. */
function validated(fakeCloud: FakeCloud, call: ApiCall): unknown {
  try {
    return validateRequest(call);
  } catch (error) {
    if (error instanceof CloudError) fakeCloud.rejected.push(error.message);
    throw error;
  }
}
