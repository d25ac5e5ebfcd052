/** How calls reach Tencent Cloud: one keep-alive agent an instance, to the real endpoint or to a stand-in for it. */
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { connect } from "node:net";
import type { HttpProfile } from "tencentcloud-sdk-nodejs/tencentcloud/common/interface.js";

/** Where a stand-in for the real service listens. */
export interface StandIn {
  readonly host: string;
  readonly port: number;
}

/**
 * The HTTP part of an SDK profile. With a stand-in the request is exactly the real one, Host header and signature
 * included; only the socket is dialled elsewhere, so the stand-in can check the signature as strictly as the service.
 *
 * @param timeoutSeconds how long one call may take, answer included
 */
export function transport(timeoutSeconds: number, standIn?: StandIn): HttpProfile {
  if (!standIn) {
    return { reqTimeout: timeoutSeconds, agent: new HttpsAgent({ keepAlive: true, maxSockets: 50 }) };
  }
  const agent = new HttpAgent({ keepAlive: true, maxSockets: 50 });
  agent.createConnection = () => connect(standIn.port, standIn.host);
  return { reqTimeout: timeoutSeconds, protocol: "http://", agent };
}
