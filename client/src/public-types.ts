/** The types that every entry gives. */
export type { Channel, Reason, Start, TokenRequest, Verification } from "./contract.ts";
export type { EndCode } from "./texts.ts";
export type { Client, CommonOptions, Ready, Result, Storage, VerifyRequest } from "./types.ts";
