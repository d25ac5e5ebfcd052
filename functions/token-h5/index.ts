/** `POST /tokens/h5`: an address at the provider that a web page sends the browser to, and that leads back to h5-landing. */
import { tokenFunction } from "../../shared/app/token-function.ts";
import { h5 } from "../../shared/channels/h5/index.ts";

export const { main_handler, settingNames } = tokenFunction(h5);
