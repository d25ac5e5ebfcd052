/** Other services that the old CLI and the toolkit call: the caller's account, the roles of the platform, and tags. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { CloudError } from "../../../../simulator/faceid/envelope.ts";
import type { PlatformFaults } from "./fake-platform.ts";

/** `cam`: the account of the key. */
export function cam(action: string): object {
  if (action !== "GetUserAppId") throw new CloudError("InvalidAction", action);
  return { Uin: "100000000001", OwnerUin: "100000000001", AppId: 1250000001 };
}

/** `tag`: nothing in this account has tags. */
export function tag(action: string): object {
  if (action !== "DescribeResourceTagsByResourceIds") throw new CloudError("InvalidAction", action);
  return { TotalCount: 0, Limit: 100, Offset: 0, Tags: [] };
}

/** Where the CLI asks which roles to create: an address behind API Gateway, over plain http. */
export const isRoleHost = (host: string): boolean =>
  host === "service-ocnymoks-1258344699.gz.apigw.tencentcs.com";

/** Responds to the call that binds the platform's roles. */
export function answerRoleBinding(
  how: PlatformFaults["roleBinding"],
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (how === "refused") {
    request.socket.destroy();
    return;
  }
  response.setHeader("content-type", how === "html" ? "text/html" : "application/json");
  // An empty list of policies: the role exists and has every policy.
  response.end(
    how === "html"
      ? "<html><body>This service is closed.</body></html>"
      : JSON.stringify({ message: { SLS_QcsRole: { policy: [], policyDocument: "" } } }),
  );
}
