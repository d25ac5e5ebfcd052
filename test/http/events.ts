/**
 * Events as SCF hands them over: shapes from Tencent docs 583/12513 (API Gateway) and 583/96099 (function URL), values
 * invented.
 */

/** API Gateway: more fields than are read, and some that mislead (`requestContext.path` is the configured path). */
export const apiGatewayEvent = (over: Record<string, unknown> = {}) => ({
  requestContext: {
    serviceId: "service-demo1234",
    path: "/verifications/{id}",
    httpMethod: "ANY",
    requestId: "c6af-demo",
    identity: { secretId: "demo-key" },
    sourceIp: "203.0.113.9",
    stage: "release",
  },
  headers: { Host: "zr.example", "Content-Type": "application/json", Authorization: "Bearer a.b.c" },
  body: '{"reference":"订单-7"}',
  isBase64Encoded: false,
  pathParameters: { id: "ver_1" },
  queryStringParameters: {},
  headerParameters: {},
  stageVariables: { stage: "release" },
  path: "/verifications/ver_1",
  queryString: { lang: "zh" },
  httpMethod: "POST",
  ...over,
});

/** A function URL: the same, without the gateway's own fields. */
export const functionUrlEvent = (over: Record<string, unknown> = {}) => ({
  httpMethod: "POST",
  path: "/verifications/ver_1",
  queryString: { lang: "zh" },
  headers: {
    host: "1250000001-demo.ap-shanghai.tencentscf.com",
    "content-type": "application/json",
    authorization: "Bearer a.b.c",
    "x-scf-remote-addr": "203.0.113.9",
  },
  body: '{"reference":"订单-7"}',
  ...over,
});

/** SCF's context, with the secrets that it holds. */
export const scfContext = (over: Record<string, unknown> = {}) => ({
  callbackWaitsForEmptyEventLoop: true,
  memory_limit_in_mb: 256,
  time_limit_in_ms: 20_000,
  request_id: "1f3c-demo",
  environ: "TENCENTCLOUD_SECRETKEY=role-secret-key;",
  environment: '{"TENCENTCLOUD_SECRETKEY":"role-secret-key"}',
  function_name: "zhenren-test-verification",
  getRemainingTimeInMillis: () => 19_000,
  ...over,
});
