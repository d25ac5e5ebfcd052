import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Clock } from "./clock.ts";
import { controlRoutes } from "./controls/routes.ts";
import { eidTwin } from "./eid/twin.ts";
import type { Route } from "./exchange.ts";
import { Gateway } from "./faceid/gateway.ts";
import { faceIdTwin } from "./faceid/twin.ts";
import { type FaultDialect, Faults } from "./faults.ts";
import { Evidence } from "./media/evidence.ts";
import { fontRoutes } from "./pages/fonts.ts";
import { RateLimits } from "./rate-limits.ts";
import type { Settings } from "./settings.ts";
import type { Twin, World } from "./twin.ts";
import { weChatTwin } from "./wechat/twin.ts";

const TWINS: readonly Twin[] = [faceIdTwin, eidTwin, weChatTwin];

/**
 * Puts the simulator together and takes up what it issued before; `origin` is where the pages will be found, such as
 * `http://127.0.0.1:3100`.
 */
export function simulatorRoutes(settings: Settings, origin: string): readonly Route[] {
  mkdirSync(settings.LOCAL_DIR, { recursive: true });
  const apis = TWINS.flatMap((twin) => twin.apis);
  const world: World = {
    settings,
    origin,
    folder: join(settings.LOCAL_DIR, "simulator"),
    clock: new Clock(settings.LOCAL_DIR),
    faults: new Faults(new Map<string, FaultDialect>(apis.map(({ name, dialect }) => [name, dialect]))),
    limits: new RateLimits(new Map(apis.map(({ name, perSecond }) => [name, perSecond]))),
    evidence: new Evidence(),
  };
  const open = TWINS.map((twin) => twin.open(world));
  const gateway = new Gateway(world, new Map(open.flatMap(({ actions }) => [...(actions ?? [])])));
  return [
    { method: "POST", path: "/", handle: (incoming) => gateway.handle(incoming) },
    ...open.flatMap(({ routes }) => routes),
    ...controlRoutes({ ...world, flows: open.flatMap(({ controls }) => controls ?? []) }),
    ...fontRoutes,
  ];
}
