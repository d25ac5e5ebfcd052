import { defineConfig } from "vitest/config";
import { Tally } from "./test/support/tally.ts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    reporters: ["default", new Tally()],
    globalSetup: ["test/support/global-setup.ts"],
    pool: "forks", // tests start servers, move clocks and send signals: each file has a process of its own
    maxWorkers: 3, // on two cores: many tests wait for timers and processes
    testTimeout: 60_000, // only hangs may reach these limits, not a machine with much else to do
    hookTimeout: 180_000,
    // Expected trouble is logged by the code under test; a test that reads the log says so itself.
    // Commands print in the language of the locale, and most tests read what they print.
    env: { LOG_LEVEL: "silent", LC_ALL: "C" },
  },
});
