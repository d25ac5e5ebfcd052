/** `POST /tokens/eid`: an EidToken for `startEid` in a mini-program, or, with a `returnUrl`, an address for the browser. */
import { tokenFunction } from "../../shared/app/token-function.ts";
import { eid } from "../../shared/channels/eid/index.ts";

export const { main_handler, settingNames } = tokenFunction(eid);
