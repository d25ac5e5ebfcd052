/**
 * Keeps the memory of a stream flat. Each chunk of a socket, a cipher or a file is a buffer of its own outside of V8's heap, which is
 * freed with its owner; V8 sees little heap in use and leaves some 32 MB of dead buffers behind before it looks for them.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** A collection of young objects takes a millisecond; more often costs time, less often memory. */
const STEP_BYTES = 4 * 1024 * 1024;

type Collect = (options: { readonly type: "minor" }) => void;
let collect: Collect | undefined;
let passed = 0;

/** Notes that chunks of so many bytes have gone by; now and then, frees those that are dead. */
export function notePassed(bytes: number): void {
  passed += bytes;
  if (passed < STEP_BYTES) return;
  passed = 0;
  collect ??= collector();
  collect({ type: "minor" });
}

/** V8's own, which a context made after the flag was set has; none where it has not. */
function collector(): Collect {
  setFlagsFromString("--expose-gc");
  const found: unknown = runInNewContext("typeof gc === 'function' ? gc : undefined");
  return typeof found === "function" ? (options) => void found(options) : () => {};
}
