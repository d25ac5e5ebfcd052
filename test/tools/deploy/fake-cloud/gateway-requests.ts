/**
 * What API Gateway accepts (API 2018-08-08), as far as tencent-component-toolkit calls it for functions; ranges after the
 * comments of SDK 4.1.313. validate-request.ts checks the types against the vendor's.
 */
import * as z from "zod";

const ServiceId = z.string().regex(/^service-[a-z0-9]{8}$/);
const ApiId = z.string().regex(/^api-[a-z0-9]{8}$/);
const EnvironmentName = z.enum(["release", "test", "prepub"]);
const Protocol = z.enum(["http", "https", "http&https"]);
const text = z.string().min(1).max(2_048);

const api = {
  ServiceId,
  ServiceType: z.literal("SCF"),
  ServiceTimeout: z.int().min(1).max(1_800),
  Protocol: z.literal("HTTP"),
  RequestConfig: z.strictObject({
    Path: z.string().regex(/^\/[A-Za-z0-9_./{}-]*$/),
    Method: z.enum(["GET", "POST", "PUT", "DELETE", "HEAD", "ANY"]),
  }),
  RequestParameters: z
    .array(
      z.strictObject({
        Name: z.string().regex(/^\w+$/),
        Position: z.enum(["PATH", "QUERY", "HEADER"]),
        Type: z.enum(["string", "int", "long", "float", "double", "boolean"]),
        Required: z.boolean().optional(),
        Desc: z.string().optional(),
        DefaultValue: z.string().optional(),
      }),
    )
    .default([]),
  ApiName: z.string().min(1).max(50).optional(),
  ApiDesc: z.string().optional(),
  ApiType: z.literal("NORMAL").optional(),
  AuthType: z.literal("NONE").optional(),
  ApiBusinessType: z.literal("NORMAL").optional(),
  EnableCORS: z.boolean().optional(),
  ResponseType: z.enum(["HTML", "JSON", "TEXT", "BINARY", "XML"]).optional(),
  IsBase64Encoded: z.boolean().optional(),
  ServiceScfFunctionName: text,
  ServiceScfFunctionNamespace: z.literal("default"),
  ServiceScfFunctionQualifier: z.enum(["$DEFAULT", "$LATEST"]),
  ServiceScfFunctionType: z.enum(["EVENT", "HTTP"]),
  ServiceScfIsIntegratedResponse: z.boolean(),
};
const page = { Limit: z.int().min(1).max(100).default(20), Offset: z.int().min(0).default(0) };

/** The actions that the fake knows, with what each accepts. */
export const gatewayRequests = {
  CreateService: z.strictObject({
    ServiceName: z.string().min(1).max(50),
    ServiceDesc: text.optional(),
    Protocol,
    NetTypes: z.array(z.enum(["OUTER", "INNER"])).default(["OUTER"]),
  }),
  ModifyService: z.strictObject({
    ServiceId,
    ServiceName: z.string().min(1).max(50).optional(),
    ServiceDesc: text.optional(),
    Protocol: Protocol.optional(),
  }),
  DescribeService: z.strictObject({ ServiceId }),
  DeleteService: z.strictObject({ ServiceId }),
  ReleaseService: z.strictObject({ ServiceId, EnvironmentName, ReleaseDesc: text }),
  UnReleaseService: z.strictObject({ ServiceId, EnvironmentName }),
  DescribeServiceSubDomains: z.strictObject({ ServiceId, ...page }),
  DescribeServiceUsagePlan: z.strictObject({ ServiceId, ...page }),
  DescribeApiUsagePlan: z.strictObject({ ServiceId, ...page }),
  DescribeApisStatus: z.strictObject({
    ServiceId,
    ...page,
    Filters: z
      .array(z.strictObject({ Name: z.literal("ApiPath"), Values: z.array(z.string()).length(1) }))
      .default([]),
  }),
  DescribeApi: z.strictObject({ ServiceId, ApiId }),
  CreateApi: z.strictObject(api),
  ModifyApi: z.strictObject({ ...api, ApiId }),
  DeleteApi: z.strictObject({ ServiceId, ApiId }),
} as const;

/** The name of an action. */
export type GatewayAction = keyof typeof gatewayRequests;
