import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { type GatewayOptions, startGateway } from "../../local/gateway/gateway.ts";
import type { Route } from "../../shared/contract/routes.ts";
import { type Fixture, runFixtures } from "./fixture-functions.ts";

const routes: Route[] = [
  { method: "POST", path: "/echo", function: "echo", access: "public" },
  { method: "GET", path: "/echo/{id}", function: "echo", access: "public" },
  { method: "POST", path: "/echo/{id}/finish", function: "echo", access: "public" },
  { method: "GET", path: "/hidden", function: "hidden", access: "public" },
];

async function gatewayWith(fixtures: Record<string, Fixture>, options: Partial<GatewayOptions> = {}) {
  const { functions } = await runFixtures(fixtures);
  const gateway = await startGateway(0);
  onTestFinished(() => gateway.close());
  gateway.open({ routes, functions, trigger: "http", ...options });
  return `http://127.0.0.1:${gateway.port}`;
}

const echo: Fixture = { body: "return answer(event);" };

test("a function URL's event has the fields of the platform and no others", async () => {
  const url = await gatewayWith({ echo });
  const response = await fetch(`${url}/echo/Q%2017?lang=en&tag=1&tag=2&__proto__=x`, {
    headers: { "X-Mine": "yes", "x-scf-remote-addr": "6.6.6.6", "user-agent": "test" },
  });
  const event = Object(await response.json());
  expect(Object.keys(event).sort()).toEqual(["headers", "httpMethod", "path", "queryString"]);
  expect(event).toMatchObject({
    httpMethod: "GET",
    path: "/echo/Q%2017",
    headers: { "x-mine": "yes", "x-scf-remote-addr": "127.0.0.1" },
  });
  expect(JSON.stringify(event.queryString)).toBe('{"lang":"en","tag":["1","2"],"__proto__":"x"}');
});

test("an API Gateway's event has the fields of the platform and no others", async () => {
  const url = await gatewayWith({ echo }, { trigger: "apigw" });
  const response = await fetch(`${url}/echo/Q-17/finish?lang=en`, { method: "POST", body: '{"数":3}' });
  const event = Object(await response.json());
  expect(event).toEqual({
    requestContext: {
      ...{ serviceId: "service-local", path: "/echo/{id}/finish", httpMethod: "ANY", identity: {} },
      ...{ requestId: expect.stringMatching(/^[0-9a-f-]{36}$/), sourceIp: "127.0.0.1", stage: "release" },
    },
    headers: expect.objectContaining({ requestsource: "APIGW", "x-api-scheme": "http" }),
    body: '{"数":3}',
    isBase64Encoded: false,
    pathParameters: { id: "Q-17" },
    queryStringParameters: {},
    headerParameters: {},
    stageVariables: { stage: "release" },
    path: "/echo/Q-17/finish",
    queryString: { lang: "en" },
    httpMethod: "POST",
  });
  expect(event.headers["x-api-requestid"]).toBe(event.requestContext.requestId);
});

test("a header that is sent twice arrives joined", async () => {
  const url = new URL(await gatewayWith({ echo }));
  const socket = connect(Number(url.port), url.hostname);
  socket.write("GET /echo/1 HTTP/1.1\r\nHost: x\r\nX-Two: a\r\nX-Two: b\r\nConnection: close\r\n\r\n");
  const text = Buffer.concat(await socket.toArray()).toString();
  expect(text).toContain('"x-two":"a, b"');
});

test("a function answers at any prefix", async () => {
  const url = await gatewayWith({ echo });
  const response = await fetch(`${url}/token-h5/release/echo`, { method: "POST", body: "{}" });
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ path: "/token-h5/release/echo", body: "{}" });
});

test.each([
  ["an unknown path", "GET", "/nowhere", 404, "not_found"],
  ["a function that serverless.yml does not give to HTTP", "GET", "/hidden", 404, "not_found"],
  ["a broken percent-encoding", "GET", "/echo/%E0%A4%A", 404, "not_found"],
])("%s is a problem of the gateway", async (_, method, path, status, code) => {
  const url = await gatewayWith({ echo, hidden: { ...echo, http: false } });
  const response = await fetch(url + path, { method });
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  const problem = await response.json();
  expect(problem).toEqual({
    ...{ type: "about:blank", title: expect.any(String), status, detail: expect.any(String) },
    ...{ code, requestId: response.headers.get("x-request-id") },
  });
});

test.each(["OPTIONS", "GET", "DELETE"])("%s of a route is the function's own to answer", async (method) => {
  const url = await gatewayWith({ echo });
  const response = await fetch(`${url}/echo`, { method });
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ httpMethod: method, path: "/echo" });
});

test("a request of more than 6 MB is refused by the gateway", async () => {
  const url = await gatewayWith({ echo: { body: "return answer(event.body.length);" } });
  const post = (size: number) => fetch(`${url}/echo`, { method: "POST", body: "x".repeat(size) });
  expect((await post(6 * 1024 * 1024 + 1)).status).toBe(413);
  expect(await (await post(5_900_000)).json()).toBe(5_900_000);
});

test("a body that never ends is refused", async () => {
  const url = new URL(await gatewayWith({ echo }, { bodyTimeoutMs: 200 }));
  const socket = connect(Number(url.port), url.hostname);
  socket.write("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  const text = Buffer.concat(await socket.toArray()).toString();
  expect(text).toMatch(/^HTTP\/1.1 408/);
});

test("an answer's status, headers, cookies and base64 body reach the client", async () => {
  const headers = '{"Content-Type":"image/png","Set-Cookie":["a=1","b=2"],"x-request-id":"mine"}';
  const url = await gatewayWith({
    echo: {
      body: `return { isBase64Encoded: true, statusCode: 201, headers: ${headers}, body: "AAEC/w==" };`,
    },
  });
  const response = await fetch(`${url}/echo/1`);
  expect(response.status).toBe(201);
  expect(response.headers.get("content-type")).toBe("image/png");
  expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  expect(response.headers.get("x-request-id")).toBe("mine");
  expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from([0, 1, 2, 255]));
});

test("what the gateway serves itself names its request too", async () => {
  const url = await gatewayWith(
    { echo },
    {
      localPages: async (_, response) => {
        response.writeHead(200, { "content-type": "text/html" }).end("a page");
        return true;
      },
    },
  );
  const response = await fetch(url);
  expect(await response.text()).toBe("a page");
  expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
});

const malformed: Fixture = { body: "return { statusCode: '200', body: { not: 'text' } };" };

test("behind API Gateway a malformed answer is errno 403", async () => {
  const url = await gatewayWith({ echo: malformed }, { trigger: "apigw" });
  const response = await fetch(`${url}/echo/1`);
  expect(response.status).toBe(403);
  const error = expect.stringMatching(/^requestId [0-9a-f-]{36}, Invalid scf response format/);
  expect(await response.json()).toEqual({ errno: 403, error });
});

test("behind API Gateway an answer without one of the four fields is errno 403, through a function URL it is not", async () => {
  const echoed: Fixture = { body: "return { statusCode: 204, headers: {}, body: '' };" };
  expect((await fetch(`${await gatewayWith({ echo: echoed }, { trigger: "apigw" })}/echo/1`)).status).toBe(
    403,
  );
  expect((await fetch(`${await gatewayWith({ echo: echoed })}/echo/1`)).status).toBe(204);
});

test("through a function URL a malformed answer is a JSON document with status 200", async () => {
  const url = await gatewayWith({ echo: malformed });
  const response = await fetch(`${url}/echo/1`);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toMatch(/^application\/json/);
  expect(await response.json()).toEqual({ statusCode: "200", body: { not: "text" } });
});

test("a failed event is 500 with the platform's words and no stack", async () => {
  const url = await gatewayWith({ echo: { body: "throw new Error('oh');" } });
  const response = await fetch(`${url}/echo/1`);
  expect(response.status).toBe(500);
  expect(await response.json()).toEqual({
    ...{ errorCode: 1, errorMessage: "User code exception caught: Error: oh", statusCode: 430 },
    requestId: response.headers.get("x-request-id"),
  });
});

test("before it is opened the gateway says that it is starting", async () => {
  const gateway = await startGateway(0);
  onTestFinished(() => gateway.close());
  const response = await fetch(`http://127.0.0.1:${gateway.port}/echo`);
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toBe("2");
});
