/**
 * What SCF takes, written down from the vendor's own description of the API (SDK 4.1.313, scf v20180416): the fields there
 * are, which are required, and the ranges in their comments. Fields that no deploy of ours has a use for are not listed, so
 * that sending one is an error here.
 */
import * as z from "zod";

const name = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,58}[A-Za-z0-9]$/);
const variable = z.strictObject({ Key: z.string().min(1), Value: z.string().min(1) });
const base64 = z.base64().max(20 * 1024 * 1024);

const status = z.enum(["ENABLE", "DISABLE"]);

const configuration = {
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
  Environment: z.strictObject({ Variables: z.array(variable) }).optional(),
  Role: z.string().min(1).optional(),
  VpcConfig: z.strictObject({ VpcId: z.string(), SubnetId: z.string() }).optional(),
  PublicNetConfig: z
    .strictObject({ PublicNetStatus: status, EipConfig: z.strictObject({ EipStatus: status }).optional() })
    .optional(),
};

const trigger = {
  FunctionName: name,
  TriggerName: z.string().min(1).max(100),
  Type: z.enum(["cos", "cls", "timer", "ckafka", "http"]),
  TriggerDesc: z.string().optional(),
  Qualifier: z.string().optional(),
  Enable: z.enum(["OPEN", "CLOSE"]).optional(),
  CustomArgument: z.string().max(4_096).optional(),
};

/** The actions of the API that the stand-in knows, with what each takes. */
export const requests = {
  GetFunction: z.strictObject({ FunctionName: name, ShowCode: z.enum(["TRUE", "FALSE"]).optional() }),
  ListTriggers: z.strictObject({ FunctionName: name, Limit: z.int().min(1).max(100).default(20) }),
  CreateFunction: z.strictObject({
    FunctionName: name,
    Code: z.strictObject({ ZipFile: base64 }),
    Handler: z.literal("index.main_handler"),
    Runtime: z.enum(["Nodejs18.15", "Nodejs20.19"]),
    Type: z.enum(["Event", "HTTP"]),
    ...configuration,
  }),
  UpdateFunctionCode: z.strictObject({
    FunctionName: name,
    Handler: z.literal("index.main_handler"),
    ZipFile: base64,
  }),
  UpdateFunctionConfiguration: z.strictObject({ FunctionName: name, ...configuration }),
  DeleteFunction: z.strictObject({ FunctionName: name }),
  CreateTrigger: z.strictObject(trigger),
  UpdateTrigger: z.strictObject({ ...trigger, Type: z.enum(["timer", "ckafka", "http"]) }),
  DeleteTrigger: z.strictObject({
    FunctionName: name,
    TriggerName: z.string(),
    Type: z.string(),
    Qualifier: z.string().optional(),
  }),
} as const;

/** The name of an action. */
export type Action = keyof typeof requests;

/** Whether the stand-in knows an action. */
export const isAction = (text: string): text is Action => Object.hasOwn(requests, text);

/** Actions that change something. */
export const writes: ReadonlySet<string> = new Set(
  Object.keys(requests).filter((action) => !/^(Get|List)/.test(action)),
);
