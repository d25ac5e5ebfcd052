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

/** Which calls fail: the next `count`, or of all that come a `share` from 0 to 1, chosen by chance. */
export type FaultExtent = { readonly count: number } | { readonly share: number };

interface PlannedFault {
  readonly kind: string;
  remaining: number;
}

interface LastingFault {
  readonly kind: string;
  readonly share: number;
}

/** Counts every call of an API, and lets calls fail as planned by `POST /_sim/faults`: first counted faults, in their order. */
export class Faults {
  private readonly counted = new Map<string, number>();
  private readonly failed = new Map<string, number>();
  private readonly planned = new Map<string, PlannedFault[]>();
  private readonly lasting = new Map<string, LastingFault[]>();

  /** `errorFormats` has every API that can fail, by the name used in the control call. */
  constructor(private readonly errorFormats: ReadonlyMap<string, ErrorFormat>) {}

  /** Plans faults; returns a sentence that says what is wrong, or undefined when they are planned. */
  plan(api: string, kind: string, extent: FaultExtent): string | undefined {
    const format = this.errorFormats.get(api);
    if (!format) {
      return `No API is named "${api}". The simulator knows ${[...this.errorFormats.keys()].join(", ")}.`;
    }
    if (!Object.hasOwn(TRANSPORT_FAULTS, kind) && kind !== "rate-limit" && !format.error(kind)) {
      const known = [...Object.keys(TRANSPORT_FAULTS), "rate-limit"].join(", ");
      return `${api} has no fault or error code "${kind}". Faults are ${known}, or an error code of that API.`;
    }
    if ("count" in extent) {
      this.planned.set(api, [...(this.planned.get(api) ?? []), { kind, remaining: extent.count }]);
      return undefined;
    }
    const lasting = [...(this.lasting.get(api) ?? []), { kind, share: extent.share }];
    const total = lasting.reduce((sum, { share }) => sum + share, 0);
    if (total > 1 + Number.EPSILON * lasting.length)
      return `The shares of ${api} would add up to ${total}, more than 1.`;
    this.lasting.set(api, lasting);
    return undefined;
  }

  /** How many calls of each API have come since the start, failed ones included. */
  counts(): Readonly<Record<string, number>> {
    return this.byApi(this.counted);
  }

  /** How many of them were made to fail. */
  failures(): Readonly<Record<string, number>> {
    return this.byApi(this.failed);
  }

  /** Ends all planned faults. */
  clear(): void {
    this.planned.clear();
    this.lasting.clear();
  }

  /** Carries out a call of an API, or the fault planned for it. */
  withFault(api: string, call: () => Answer): Answer {
    this.counted.set(api, (this.counted.get(api) ?? 0) + 1);
    const kind = this.nextKind(api);
    if (kind === undefined) return call();
    this.failed.set(api, (this.failed.get(api) ?? 0) + 1);
    const transport = Object.hasOwn(TRANSPORT_FAULTS, kind) ? TRANSPORT_FAULTS[kind] : undefined;
    if (transport) return transport(call);
    const format = this.errorFormats.get(api);
    return (kind === "rate-limit" ? format?.rateLimit() : format?.error(kind)) ?? call();
  }

  private byApi(numbers: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.errorFormats.keys()].map((api) => [api, numbers.get(api) ?? 0]));
  }

  private nextKind(api: string): string | undefined {
    const queue = this.planned.get(api);
    const first = queue?.[0];
    if (!queue || !first) return this.lastingKind(api);
    first.remaining -= 1;
    if (first.remaining === 0) queue.shift();
    return first.kind;
  }

  private lastingKind(api: string): string | undefined {
    let drawn = Math.random();
    return this.lasting.get(api)?.find(({ share }) => {
      drawn -= share;
      return drawn < 0;
    })?.kind;
  }
}
