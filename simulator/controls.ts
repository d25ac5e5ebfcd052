import * as z from "zod";
import type { Clock } from "./clock.ts";
import { errorReply, type Incoming, json, type Reply, type Route, withBody } from "./exchange.ts";
import type { Faults } from "./faults.ts";
import type { FlowControl } from "./flows.ts";
import { type Evidence, MAX_MEDIA_BYTES, MIN_IMAGE_BYTES, MIN_VIDEO_BYTES } from "./media/evidence.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { SimulatorContext } from "./service.ts";

/** The `_sim` calls: for tests and for people who try things out, not part of what is simulated. */
export function controlRoutes(
  { clock, faults, limits, evidence }: SimulatorContext,
  flows: readonly FlowControl[],
): readonly Route[] {
  return [
    { method: "GET", path: "/_sim/health", handle: () => json({ ok: true }) },
    { method: "GET", path: "/_sim/tokens", handle: () => json(issuedTokens(flows)) },
    { method: "POST", path: "/_sim/complete", handle: (incoming) => complete(flows, incoming) },
    { method: "POST", path: "/_sim/clock", handle: (incoming) => setClock(clock, incoming) },
    { method: "POST", path: "/_sim/faults", handle: (incoming) => planFaults(faults, incoming) },
    { method: "GET", path: "/_sim/faults", handle: () => json(faults.failures()) },
    { method: "DELETE", path: "/_sim/faults", handle: () => clearFaults(faults) },
    { method: "GET", path: "/_sim/calls", handle: () => json(faults.counts()) },
    { method: "POST", path: "/_sim/media", handle: (incoming) => setSizes(evidence, incoming) },
    { method: "POST", path: "/_sim/limits", handle: (incoming) => setLimits(limits, incoming) },
  ];
}

function issuedTokens(flows: readonly FlowControl[]): unknown[] {
  const tokens = flows.flatMap((flow) => flow.issued());
  // Of two with the same millisecond the later one in the list is the newer: reverse before the stable sort.
  const newestFirst = tokens.reverse().sort((one, other) => other.createdAt - one.createdAt);
  return newestFirst.map((token) => ({ ...token, createdAt: new Date(token.createdAt).toISOString() }));
}

const completion = z.strictObject({
  token: z.string().min(1),
  outcome: z.string().min(1),
  push: z.boolean().default(true),
  openid: z.string().optional(),
});

function complete(flows: readonly FlowControl[], incoming: Incoming): Reply {
  return withBody(incoming, completion, (given) => {
    for (const flow of flows) {
      const reply = flow.complete(given);
      if (reply) return reply;
    }
    return errorReply(404, "No such token was issued.");
  });
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const MAX_ADVANCE_MS = 3_650 * 86_400_000;
/** Such as `72h`, `90m`, `30s`, `1d` or `2h5m`: larger units first, each once. */
const DURATION = /^(?=\d)(?:\d{1,10}d)?(?:\d{1,10}h)?(?:\d{1,10}m)?(?:\d{1,10}s)?$/;

const clockChange = z
  .strictObject({ advance: z.string().optional(), reset: z.literal(true).optional() })
  .refine(({ advance, reset }) => (advance === undefined) !== (reset === undefined), {
    error: 'Give either {"advance": "72h"} or {"reset": true}.',
  });

function setClock(clock: Clock, incoming: Incoming): Reply {
  return withBody(incoming, clockChange, ({ advance }) => {
    if (advance === undefined) clock.reset();
    else {
      const milliseconds = durationMs(advance);
      if (milliseconds === undefined) {
        return errorReply(
          400,
          `"${advance}" is not a duration. Write "72h", "90m", "30s", "1d" or "2h5m", at most ten years. ` +
            'To go back to the present, send {"reset": true}.',
        );
      }
      clock.advance(milliseconds);
    }
    return json({ now: new Date(clock.now()).toISOString(), offsetSeconds: clock.offsetMs / 1_000 });
  });
}

function durationMs(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  let milliseconds = 0;
  for (const [, digits, unit = ""] of text.matchAll(/(\d+)([smhd])/g)) {
    milliseconds += Number(digits) * (UNIT_MS[unit] ?? Number.NaN);
  }
  return milliseconds <= MAX_ADVANCE_MS ? milliseconds : undefined;
}

const fault = z
  .strictObject({
    api: z.string().min(1),
    kind: z.string().min(1),
    count: z.int().positive().optional(),
    share: z.number().gt(0).max(1).optional(),
  })
  .refine(({ count, share }) => (count === undefined) !== (share === undefined), {
    error: 'Give either {"count": 3} or {"share": 0.2}.',
  });

function planFaults(faults: Faults, incoming: Incoming): Reply {
  return withBody(incoming, fault, (given) => {
    const { api, kind, count, share = 0 } = given;
    const error = faults.plan(api, kind, count === undefined ? { share } : { count });
    return error === undefined ? json(given) : errorReply(400, error);
  });
}

function clearFaults(faults: Faults): Reply {
  faults.clear();
  return json({ ok: true });
}

const sizes = z.strictObject({
  imageBytes: z.int().min(MIN_IMAGE_BYTES).max(MAX_MEDIA_BYTES).nullable().optional(),
  videoBytes: z.int().min(MIN_VIDEO_BYTES).max(MAX_MEDIA_BYTES).nullable().optional(),
});

/** Sets the named sizes; null means the file's own size. */
function setSizes(evidence: Evidence, incoming: Incoming): Reply {
  return withBody(incoming, sizes, ({ imageBytes, videoBytes }) => {
    if (imageBytes !== undefined) evidence.sizes.imageBytes = imageBytes;
    if (videoBytes !== undefined) evidence.sizes.videoBytes = videoBytes;
    return json(evidence.sizes);
  });
}

const limits = z.record(z.string(), z.int().positive().nullable());

function setLimits(rates: RateLimits, incoming: Incoming): Reply {
  return withBody(incoming, limits, (given) => {
    const unknown = Object.keys(given).find((api) => !rates.names().includes(api));
    if (unknown !== undefined) {
      return errorReply(400, `No API is named "${unknown}". Limits exist for ${rates.names().join(", ")}.`);
    }
    for (const [api, perSecond] of Object.entries(given)) rates.set(api, perSecond);
    return json(given);
  });
}
