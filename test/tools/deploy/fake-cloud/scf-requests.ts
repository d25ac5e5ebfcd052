/**
 * What SCF accepts, after the vendor's own description of the API (SDK 4.1.313, scf v20180416): the fields, which of them are
 * required, and the ranges in their comments. Fields that neither our own deploy nor tencent-component-toolkit uses are not
 * listed, so that sending one is an error here. validate-request.ts checks the types against the vendor's.
 */
import * as z from "zod";

const name = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,58}[A-Za-z0-9]$/);
const variable = z.strictObject({ Key: z.string().min(1), Value: z.string().min(1) });
const base64 = z.base64().max(20 * 1024 * 1024);

const status = z.enum(["ENABLE", "DISABLE"]);

/** The only namespace. */
const Namespace = z.literal("default").default("default");
/** The toolkit sends a pair of empty texts for "no variables". */
const noVariable = z.strictObject({ Key: z.literal(""), Value: z.literal("") });
const fromBucket = z.strictObject({ CosBucketName: z.string().min(1), CosObjectName: z.string().min(1) });

const configuration = {
  Namespace,
  Description: z
    .string()
    .max(1_000)
    .regex(/^[A-Za-z0-9 ,.\n\u4e00-\u9fff]*$/)
    .optional(),
  MemorySize: z
    .int()
    .refine((size) => size === 64 || (size >= 128 && size <= 3072 && size % 128 === 0))
    .optional(),
  Timeout: z.int().min(1).max(900).optional(),
  InitTimeout: z.int().min(3).max(300).optional(),
  Environment: z
    .strictObject({ Variables: z.union([z.array(variable), z.array(noVariable).length(1)]) })
    .optional(),
  Role: z.string().min(1).optional(),
  VpcConfig: z.strictObject({ VpcId: z.string(), SubnetId: z.string() }).optional(),
  PublicNetConfig: z
    .strictObject({ PublicNetStatus: status, EipConfig: z.strictObject({ EipStatus: status }).optional() })
    .optional(),
  L5Enable: z.enum(["TRUE", "FALSE"]).optional(),
  /** A text, because no type declares it a number. */
  DiskSize: z.literal("512").optional(),
};

const trigger = {
  FunctionName: name,
  Namespace,
  TriggerName: z.string().min(1).max(100),
  Type: z.enum(["cos", "cls", "timer", "ckafka", "http"]),
  TriggerDesc: z.string().optional(),
  Qualifier: z.string().optional(),
  Enable: z.enum(["OPEN", "CLOSE"]).optional(),
  CustomArgument: z.string().max(4_096).optional(),
};

/** A host name that can be bound. */
export const hostName = /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]+$/;

const domain = {
  Protocol: z.enum(["HTTP", "HTTPS", "HTTP&HTTPS"]),
  EndpointsConfig: z
    .array(
      z.strictObject({
        Namespace: z.string().min(1),
        FunctionName: z.string().min(1),
        Qualifier: z.string().min(1),
        PathMatch: z.string().regex(/^\/(\*|[^/*]+(\/[^/*]+)*(\/\*)?)?$/),
        PathRewrite: z
          .array(
            z.strictObject({
              Path: z.string(),
              Type: z.enum(["WildcardRules", "ExactRules"]),
              Rewrite: z.string(),
            }),
          )
          .min(1)
          .optional(),
      }),
    )
    .min(1),
  CertConfig: z.strictObject({ CertificateId: z.string().min(1) }).optional(),
  WafConfig: z
    .strictObject({ WafOpen: z.enum(["OPEN", "CLOSE"]), WafInstanceId: z.string().min(1).optional() })
    .optional(),
};

/** The actions of the API that the fake knows, with what each accepts. */
export const requests = {
  GetFunction: z.strictObject({
    FunctionName: name,
    Namespace,
    Qualifier: z.literal("$LATEST").optional(),
    ShowCode: z.enum(["TRUE", "FALSE"]).optional(),
    ShowTriggers: z.enum(["TRUE", "FALSE"]).optional(),
  }),
  GetAlias: z.strictObject({ FunctionName: name, Namespace, Name: z.literal("$DEFAULT") }),
  ListTriggers: z.strictObject({
    FunctionName: name,
    Namespace,
    /** The toolkit asks for 1,000 where the description allows 100; it gets 100. */
    Limit: z.int().min(1).max(1_000).default(20),
    Offset: z.int().min(0).default(0),
    Filters: z
      .array(
        z.strictObject({
          Name: z.enum(["Type", "Qualifier", "TriggerName"]),
          Values: z.array(z.string()).min(1).max(20),
        }),
      )
      .default([]),
  }),
  CreateFunction: z.strictObject({
    FunctionName: name,
    Code: z.union([z.strictObject({ ZipFile: base64 }), fromBucket]),
    Handler: z.literal("index.main_handler"),
    Runtime: z.enum(["Nodejs18.15", "Nodejs20.19"]),
    Type: z.enum(["Event", "HTTP"]),
    DeployMode: z.literal("code").optional(),
    InstallDependency: z.literal("FALSE").optional(),
    ...configuration,
  }),
  UpdateFunctionCode: z.strictObject({
    FunctionName: name,
    Namespace,
    Handler: z.literal("index.main_handler"),
    ZipFile: base64.optional(),
    Code: fromBucket.optional(),
    InstallDependency: z.literal("FALSE").optional(),
  }),
  UpdateFunctionConfiguration: z.strictObject({ FunctionName: name, ...configuration }),
  DeleteFunction: z.strictObject({ FunctionName: name, Namespace }),
  CreateTrigger: z.strictObject(trigger),
  UpdateTrigger: z.strictObject({ ...trigger, Type: z.enum(["timer", "ckafka", "http"]) }),
  DeleteTrigger: z.strictObject({
    FunctionName: name,
    Namespace,
    TriggerName: z.string(),
    Type: z.string(),
    TriggerDesc: z.string().optional(),
    Qualifier: z.string().optional(),
  }),
  GetCustomDomain: z.strictObject({ Domain: z.string() }),
  CreateCustomDomain: z.strictObject({ Domain: z.string(), ...domain }),
  UpdateCustomDomain: z.strictObject({ Domain: z.string(), ...z.object(domain).partial().shape }),
} as const;

/** The description of an `http` trigger. */
export const httpTriggerDesc = z.strictObject({
  AuthType: z.enum(["NONE", "CAM"]),
  NetConfig: z.strictObject({ EnableIntranet: z.boolean(), EnableExtranet: z.boolean() }),
  CorsConfig: z.looseObject({ Enable: z.boolean() }).optional(),
});

/** The name of an action. */
export type Action = keyof typeof requests;

/** Whether the fake knows an action. */
export const isAction = (text: string): text is Action => Object.hasOwn(requests, text);

/** Actions that change something. */
export const writes: ReadonlySet<string> = new Set(
  Object.keys(requests).filter((action) => !/^(Get|List)/.test(action)),
);
