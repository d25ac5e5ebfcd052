/** Sends to the gateway over few connections, which are kept. */
import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";

/**
 * Node accepts one connection per turn of its event loop, so that a gateway with much to do would leave those waiting who come over
 * new ones. Twice as many as a function has instances here: what is
 * sent above that waits in this process, not in the gateway.
 */
const MAX_CONNECTIONS = 16;

const agent = new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS });

/** Posts, and answers the body. Throws if the status is not `wanted`. */
export function post(
  url: string,
  sent: { readonly headers: Readonly<Record<string, string>>; readonly body: string | Buffer },
  wanted: number,
): Promise<string> {
  const { headers, body } = sent;
  return new Promise((resolve, reject) => {
    const sending = request(url, { method: "POST", agent, headers }, (response) => {
      const answer = text(response).then((words) => {
        if (response.statusCode !== wanted) throw new Error(`${url}: ${response.statusCode} ${words}`);
        return words;
      });
      answer.then(resolve, reject);
    });
    sending.on("error", reject).end(body);
  });
}
