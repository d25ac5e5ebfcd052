/** In place of `thread-stream`: pino needs it for transports in worker threads, and a frozen instance has no use for those. */
export default class ThreadStream {
  constructor() {
    throw new Error("log transports are left out of the bundles (tools/build/stubs/thread-stream.ts)");
  }
}
