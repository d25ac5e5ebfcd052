/** `POST /tokens/wechat`: a `verify_id` (v2) or `user_id_key` (v1) for WeChat's own face API. */
import { tokenFunction } from "../../shared/app/token-function.ts";
import { wechat } from "../../shared/channels/wechat/index.ts";

export const { main_handler, settingNames } = tokenFunction(wechat);
