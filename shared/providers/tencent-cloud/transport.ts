/** How calls reach Tencent Cloud: one keep-alive agent per instance, to the real endpoint or to one that overrides it. */
import { type Agent, Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { connect } from "node:net";
import type { HttpProfile } from "tencentcloud-sdk-nodejs/tencentcloud/common/interface.js";

/** Where a server listens that is called in place of the real service. */
export interface EndpointOverride {
  readonly host: string;
  readonly port: number;
}

/**
 * Keeps connections. With an override the request is exactly the real one, Host header and signature included; only the
 * socket connects elsewhere, so that server can check the signature as strictly as the service. There are as many sockets as
 * calls: a limit would make one call wait for another.
 */
export function keepAliveAgent(endpointOverride?: EndpointOverride): Agent {
  if (!endpointOverride) return new HttpsAgent({ keepAlive: true });
  const agent = new HttpAgent({ keepAlive: true });
  agent.createConnection = () => connect(endpointOverride.port, endpointOverride.host);
  return agent;
}

/**
 * The HTTP part of an SDK profile, for tools that call the SDK's own way.
 *
 * @param timeoutSeconds how long one call may take, answer included
 */
export function transport(timeoutSeconds: number, endpointOverride?: EndpointOverride): HttpProfile {
  const agent = keepAliveAgent(endpointOverride);
  return { reqTimeout: timeoutSeconds, ...(endpointOverride && { protocol: "http://" }), agent };
}
