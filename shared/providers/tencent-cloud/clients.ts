/**
 * The SDK's clients for service `faceid`, version 2018-03-01. Deep import of the one service: the whole package costs 200 ms
 * of cold start.
 */
import { Client } from "tencentcloud-sdk-nodejs/tencentcloud/services/faceid/v20180301/faceid_client.js";
import { type StandIn, transport } from "./transport.ts";

/** Keys of an account; a role's are temporary and carry a token. */
export interface Credential {
  readonly secretId: string;
  readonly secretKey: string;
  readonly token?: string;
}

/** How the clients are made. */
export interface FaceIdOptions {
  /** Read before each call, because a role's credentials are renewed while the instance lives. */
  readonly credential: () => Credential;
  readonly standIn?: StandIn;
}

/** Two clients that differ in patience; connections are opened at the first call and kept. */
export interface FaceIdClients {
  /** For calls that a person waits behind; the functions that make them have 20 s in all. */
  readonly prompt: Client;
  /** For images and video: 10–25 MB of JSON. */
  readonly media: Client;
}

/** Seconds. */
const timeouts = { prompt: 5, media: 60 };

/** Makes both clients. */
export function faceIdClients(options: FaceIdOptions): FaceIdClients {
  const client = (timeout: number) =>
    new Client({
      // Spread: the SDK wants a mutable object and an absent token rather than an undefined one.
      credential: { getCredential: async () => ({ ...options.credential() }) },
      region: "",
      profile: { httpProfile: transport(timeout, options.standIn) },
    });
  return { prompt: client(timeouts.prompt), media: client(timeouts.media) };
}
