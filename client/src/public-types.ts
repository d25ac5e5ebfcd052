/** The types that every entry gives. */
export type { Channel, Reason, Start, TokenRequest, Verification } from "./contract.ts";
export type { Storage } from "./platform.ts";
export type { Result } from "./result.ts";
export type { EndCode } from "./texts.ts";
export type { Client, CommonOptions, Ready, VerifyRequest } from "./types.ts";
