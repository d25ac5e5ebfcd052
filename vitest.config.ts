import { defineConfig } from "vitest/config";
import { Tally } from "./test/support/tally.ts";

/** Folders whose files leave nothing behind in their process: one loads the libraries for the next, which halves their cost. */
const sharing = "test/{bench,channels,config,contract,crypto,providers,simulator}/**/*.test.ts";

const common = {
  pool: "forks", // tests start servers, move clocks and send signals
  testTimeout: 60_000, // only hangs may reach these limits, not a machine with much else to do
  hookTimeout: 180_000,
  // Expected trouble is logged by the code under test; a test that reads the log says so itself.
  // Commands print in the language of the locale, and most tests read what they print.
  env: { LOG_LEVEL: "silent", LC_ALL: "C" },
} as const;

export default defineConfig({
  test: {
    reporters: ["default", new Tally()],
    globalSetup: ["test/support/global-setup.ts"],
    maxWorkers: 3, // on two cores: many tests wait for timers and processes
    projects: [
      { test: { ...common, name: "own process", include: ["test/**/*.test.ts"], exclude: [sharing] } },
      { test: { ...common, name: "shared process", include: [sharing], isolate: false } },
    ],
  },
});
