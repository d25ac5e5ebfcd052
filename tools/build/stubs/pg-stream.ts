/**
 * In place of `pg/lib/stream.js`, which asks at load whether it runs at Cloudflare by making a `Response`: Node then loads
 * all of undici, 53 of pg's 73 ms of CPU at a cold start.
 */
import { Socket } from "node:net";
import { type ConnectionOptions, connect } from "node:tls";

export const getStream = () => new Socket();
export const getSecureStream = (options: ConnectionOptions) => connect(options);
