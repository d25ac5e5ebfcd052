/** A server in COS's place that answers as it is told. */
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { onTestFinished } from "vitest";
import { cosExchange } from "../../../shared/providers/cos/index.ts";

/** Starts it for one test, and answers an exchange with it. */
export async function exchangeWith(listener: RequestListener): Promise<ReturnType<typeof cosExchange>> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close().closeAllConnections());
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return cosExchange({
    bucket: "sim-1250000000",
    region: "ap-guangzhou",
    endpoint: `http://127.0.0.1:${port}`,
    credential: () => ({ secretId: "sim-secret-id", secretKey: "sim-secret-key" }),
  });
}
