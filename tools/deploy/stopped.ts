/** Thrown when a deploy cannot go on; the message says why and what to do. */
export class Stopped extends Error {
  override readonly name = "Stopped";
}
