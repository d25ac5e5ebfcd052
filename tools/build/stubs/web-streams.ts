/**
 * In place of `node:stream/web` for middy, which only asks whether a response is one of its streams. None of ours is, and Node
 * loads ten modules for it.
 */
export class ReadableStream {}
