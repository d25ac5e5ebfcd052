/** `GET /console`: the console's page and what it reads. For backends only; nothing is written, nothing personal is shown. */
import { readSettings } from "../../shared/config/read.ts";
import {
  countCharged,
  listAlarms,
  listVerifications,
  readBacklog,
  readTimeline,
} from "../../shared/console/console.ts";
import { authenticator, authSettings, backendOnly } from "../../shared/http/auth.ts";
import { httpSettings } from "../../shared/http/cors.ts";
import { httpFunction } from "../../shared/http/function.ts";
import { html } from "../../shared/http/response.ts";
import { connect } from "../../shared/store/database.ts";
import { consolePage } from "./page.ts";

/** Settings this function reads. */
export const settingNames = ["DATABASE_URL", ...httpSettings, ...authSettings] as const;

export const main_handler = httpFunction(() => {
  const settings = readSettings(settingNames);
  const { db } = connect(settings.DATABASE_URL);
  return {
    authenticate: backendOnly(authenticator(settings)),
    handlers: {
      showConsole: async () => html(200, consolePage.html, consolePage.policy),
      listVerifications: ({ query }) => listVerifications(db, query),
      readTimeline: ({ parameters }) => readTimeline(db, parameters["id"] ?? ""),
      readBacklog: () => readBacklog(db),
      listAlarms: ({ query }) => listAlarms(db, query.before),
      countCharged: () => countCharged(db),
    },
  };
});
