/**
 * A merchant's own server, as small as it can be: signs its users' tokens, serves the H5 page, receives events.
 *
 *   AUTH_SECRET=… WEBHOOK_SECRET=… node examples/merchant-server/server.mjs
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { SignJWT } from "jose";
import { Webhook } from "standardwebhooks";

const { AUTH_SECRET, WEBHOOK_SECRET, PORT = "8080" } = process.env;
const { ZHENREN_API = "http://127.0.0.1:3000", CLIENT_DIR = "dist/client" } = process.env;
const webhook = new Webhook(WEBHOOK_SECRET);
const root = new URL("../../", import.meta.url);

/** What this shop knows of its orders: only events write it. In your shop: a table, and the ids of events for two weeks. */
const orders = new Map();
const seen = new Set();

const files = {
  "/": ["examples/h5/index.html", "text/html; charset=utf-8"],
  "/zhenren-client/web.mjs": [`${CLIENT_DIR}/web.mjs`, "text/javascript; charset=utf-8"],
};

/** A bearer token for the user of your own session. */
const tokenOf = (user) =>
  new SignJWT({ scope: "user" })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(user)
    .setExpirationTime("10m")
    .sign(new TextEncoder().encode(AUTH_SECRET));

const page = async (file) =>
  (await readFile(new URL(file, root), "utf8")).replaceAll("http://127.0.0.1:3000", ZHENREN_API);

function receive(headers, body) {
  const { type, data } = webhook.verify(body, headers); // throws if signature or time is wrong
  if (seen.has(headers["webhook-id"])) return; // events are delivered at least once
  seen.add(headers["webhook-id"]);
  const { reference } = data;
  // Events may come in any order: what passed stays so.
  if (type === "verification.passed") orders.set(reference, "verified");
  else if (reference && orders.get(reference) !== "verified") orders.set(reference, type);
}

const server = createServer(async (request, response) => {
  const { method, headers } = request;
  const { pathname } = new URL(request.url, "http://localhost");
  const [file, type] = files[pathname] ?? [];
  const answer = (status, text, contentType = "text/plain; charset=utf-8") =>
    response.writeHead(status, { "content-type": contentType }).end(text);
  try {
    if (method === "GET" && file) answer(200, await page(file), type);
    else if (method === "POST" && pathname === "/token") answer(200, await tokenOf("user-1"));
    else if (method === "GET" && pathname === "/orders") answer(200, JSON.stringify([...orders]));
    else if (method === "POST" && pathname === "/hooks") {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      receive(headers, Buffer.concat(chunks).toString()); // the raw text: the signature covers it
      answer(204);
    } else answer(404, "Not found");
  } catch (error) {
    console.error(`${method} ${pathname}: ${error.message}`);
    answer(400, "Bad request");
  }
});

server.listen(Number(PORT), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
