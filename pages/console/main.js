/** The console as its function serves it. */
import { startConsole } from "./app.js";

startConsole({ base: location.pathname.replace(/\/+$/, "") });
