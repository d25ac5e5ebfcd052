/** The page of the local stack: the console with the token of its own backend, the simulated phone, and the laptop's tools. */
import { startConsole } from "../console/app.js";
import { session } from "../console/session.js";
import { addTexts } from "../console/texts.js";
import { recordCall } from "./calls.js";
import { startLaptop } from "./laptop.js";
import { startPhone } from "./phone.js";
import { send } from "./send.js";
import { en } from "./texts-en.js";
import { zh } from "./texts-zh.js";

addTexts({ zh, en });

const changed = () => board.refresh();
const phone = startPhone({ changed });
const board = startConsole({
  base: "/console",
  obtainToken: async () => (await send("GET", "/_local/tokens")).backend,
  onCall: (method, path) =>
    recordCall({ method, path, headers: { authorization: `Bearer ${session.token}` } }),
  onLanguage: () => phone.show(),
  moreViews: { laptop: () => showLaptop() },
});
const showLaptop = startLaptop({ attempt: board.attempt, changed });
