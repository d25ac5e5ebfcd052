import type { Answer, Reply } from "./exchange.ts";

/** The error replies of one service, in its own format. */
export interface ErrorFormat {
  /** The reply when calls come too fast. */
  rateLimit(): Reply;
  /** The reply with this error code; undefined when the service has no codes of this shape. */
  error(code: string): Reply | undefined;
}

/** Faults below the service: the same for every API. */
const TRANSPORT_FAULTS: Readonly<Record<string, (call: () => Answer) => Answer>> = {
  "http-500": () => ({
    status: 500,
    headers: { "content-type": "text/plain" },
    body: "Internal Server Error",
  }),
  timeout: () => "silence",
  "bad-json": () => ({
    status: 200,
    headers: { "content-type": "application/json" },
    body: '{"Response":{"RequestId":"5f0c',
  }),
  reset: () => "reset",
  // The call is carried out, and only its reply is lost.
  "after-effect": (call) => {
    call();
    return "reset";
  },
};

interface PlannedFault {
  readonly kind: string;
  remaining: number;
}

/** Counts every call of an API, and lets calls fail in the order planned by `POST /_sim/faults`. */
export class Faults {
  private readonly counted = new Map<string, number>();
  private readonly planned = new Map<string, PlannedFault[]>();

  /** `errorFormats` has every API that can fail, by the name used in the control call. */
  constructor(private readonly errorFormats: ReadonlyMap<string, ErrorFormat>) {}

  /** Plans faults; returns a sentence that says what is wrong, or undefined when they are planned. */
  plan(api: string, kind: string, count: number): string | undefined {
    const format = this.errorFormats.get(api);
    if (!format) {
      return `No API is named "${api}". The simulator knows ${[...this.errorFormats.keys()].join(", ")}.`;
    }
    if (!Object.hasOwn(TRANSPORT_FAULTS, kind) && kind !== "rate-limit" && !format.error(kind)) {
      const known = [...Object.keys(TRANSPORT_FAULTS), "rate-limit"].join(", ");
      return `${api} has no fault or error code "${kind}". Faults are ${known}, or an error code of that API.`;
    }
    const queue = this.planned.get(api) ?? [];
    queue.push({ kind, remaining: count });
    this.planned.set(api, queue);
    return undefined;
  }

  /** How many calls of each API have come since the start, failed ones included. */
  counts(): Readonly<Record<string, number>> {
    const names = [...this.errorFormats.keys()];
    return Object.fromEntries(names.map((api) => [api, this.counted.get(api) ?? 0]));
  }

  /** Ends all planned faults. */
  clear(): void {
    this.planned.clear();
  }

  /** Carries out a call of an API, or the fault planned for it. */
  withFault(api: string, call: () => Answer): Answer {
    this.counted.set(api, (this.counted.get(api) ?? 0) + 1);
    const kind = this.nextKind(api);
    if (kind === undefined) return call();
    const transport = Object.hasOwn(TRANSPORT_FAULTS, kind) ? TRANSPORT_FAULTS[kind] : undefined;
    if (transport) return transport(call);
    const format = this.errorFormats.get(api);
    return (kind === "rate-limit" ? format?.rateLimit() : format?.error(kind)) ?? call();
  }

  private nextKind(api: string): string | undefined {
    const queue = this.planned.get(api);
    const first = queue?.[0];
    if (!queue || !first) return undefined;
    first.remaining -= 1;
    if (first.remaining === 0) queue.shift();
    return first.kind;
  }
}
