import { defineConfig } from "vitest/config";
import { ApartFirst } from "./test/support/apart-first.ts";
import { Tally } from "./test/support/tally.ts";

/** Files that leave something behind in their process, or look at the whole of it. All others share: one loads the libraries for the next. */
const apart = [
  "test/{e2e,local,runtime,simulation}/**/*.test.ts",
  "test/archive/{crash,memory}.test.ts", // dead runs of the one go on giving signs of life
  "test/http/function.test.ts",
];

const common = {
  pool: "forks", // tests start servers, move clocks and send signals
  testTimeout: 60_000, // only hangs may reach these limits, not a machine with much else to do
  hookTimeout: 180_000,
  // Expected trouble is logged by the code under test; a test that reads the log says so itself.
  // Commands print in the language of the locale, and most tests read what they print.
  env: { LOG_LEVEL: "silent", LC_ALL: "C" },
  setupFiles: "test/support/undo-stubs.ts",
} as const;

export default defineConfig({
  test: {
    reporters: ["default", new Tally()],
    globalSetup: ["test/support/global-setup.ts"],
    sequence: { sequencer: ApartFirst },
    maxWorkers: 3, // on two cores: many tests wait for timers and processes
    projects: [
      { test: { ...common, name: "own process", include: apart } },
      {
        test: {
          ...common,
          name: "shared process",
          include: ["test/**/*.test.ts"],
          exclude: apart,
          isolate: false,
        },
      },
    ],
  },
});
