import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "./clock.ts";
import { controlRoutes } from "./controls.ts";
import { cosService } from "./cos/service.ts";
import { eidService } from "./eid/service.ts";
import type { Route } from "./exchange.ts";
import { FACEID, Gateway } from "./faceid/gateway.ts";
import { faceIdService } from "./faceid/service.ts";
import { type ErrorFormat, Faults } from "./faults.ts";
import { kmsService } from "./kms/service.ts";
import { Evidence } from "./media/evidence.ts";
import { fontRoute } from "./pages.ts";
import { RateLimits } from "./rate-limits.ts";
import type { SimulatedService, SimulatorContext } from "./service.ts";
import type { Settings } from "./settings.ts";
import { wechatService } from "./wechat/service.ts";

const SERVICES: readonly SimulatedService[] = [
  faceIdService,
  eidService,
  wechatService,
  cosService,
  kmsService,
];

/**
 * Starts all simulated services with what they issued before; `origin` is the address of the pages, such as
 * `http://127.0.0.1:3100`.
 */
export function simulatorRoutes(settings: Settings, origin: string, clock: Clock): readonly Route[] {
  mkdirSync(settings.LOCAL_DIR, { recursive: true });
  const apis = SERVICES.flatMap((service) => service.apis);
  const context: SimulatorContext = {
    settings,
    origin,
    folder: join(settings.LOCAL_DIR, "simulator"),
    clock,
    faults: new Faults(
      new Map<string, ErrorFormat>(apis.map(({ name, errorFormat }) => [name, errorFormat])),
    ),
    limits: new RateLimits(new Map(apis.map(({ name, perSecond }) => [name, perSecond]))),
    evidence: new Evidence(),
  };
  const running = SERVICES.map((service) => service.start(context));
  const actions = new Map(
    running.flatMap(({ product = FACEID, actions = {} }) =>
      Object.entries(actions).map(([name, action]) => [name, { product, action }] as const),
    ),
  );
  const gateway = new Gateway(context, actions);
  return [
    { method: "POST", path: "/", handle: (incoming) => gateway.handle(incoming) },
    ...running.flatMap(({ routes }) => routes),
    ...controlRoutes(
      context,
      running.flatMap(({ controls }) => controls),
    ),
    fontRoute,
  ];
}
