/** How calls reach Tencent Cloud: one keep-alive agent per instance, to the real endpoint or to a stand-in for it. */
import { type Agent, Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { connect } from "node:net";
import type { HttpProfile } from "tencentcloud-sdk-nodejs/tencentcloud/common/interface.js";

/** Where a stand-in for the real service listens. */
export interface StandIn {
  readonly host: string;
  readonly port: number;
}

/**
 * Keeps connections. With a stand-in the request is exactly the real one, Host header and signature included; only the
 * socket is dialled elsewhere, so the stand-in can check the signature as strictly as the service. As many sockets as there
 * are calls: a limit would make one call wait for another's.
 */
export function keepAliveAgent(standIn?: StandIn): Agent {
  if (!standIn) return new HttpsAgent({ keepAlive: true });
  const agent = new HttpAgent({ keepAlive: true });
  agent.createConnection = () => connect(standIn.port, standIn.host);
  return agent;
}

/**
 * The HTTP part of an SDK profile, for tools that call the SDK's own way.
 *
 * @param timeoutSeconds how long one call may take, answer included
 */
export function transport(timeoutSeconds: number, standIn?: StandIn): HttpProfile {
  const agent = keepAliveAgent(standIn);
  return { reqTimeout: timeoutSeconds, ...(standIn && { protocol: "http://" }), agent };
}
