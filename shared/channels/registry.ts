/**
 * The channels. A new one is added here and nowhere else in `shared/`; CONTRIBUTING tells how. Who needs only some imports
 * their modules, so that a bundle holds no other provider's client.
 */
import { eid } from "./eid/index.ts";
import { h5 } from "./h5/index.ts";
import { miniProgram } from "./mini-program/index.ts";
import { wechat } from "./wechat/index.ts";

/** Every channel. */
export const channelModules = [miniProgram, h5, eid, wechat] as const;

/** Those whose browser can come back to the landing page: a list of its own, because the page's bundle holds no others. */
export const landingModules = [h5, eid] as const;
