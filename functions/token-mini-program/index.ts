/** `POST /tokens/mini-program`: a BizToken for `wx.startVerify` in a mini-program. */
import { tokenFunction } from "../../shared/app/token-function.ts";
import { miniProgram } from "../../shared/channels/mini-program/index.ts";

export const { main_handler, settingNames } = tokenFunction(miniProgram);
