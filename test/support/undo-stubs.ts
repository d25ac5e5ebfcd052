/** Ends what a file has set in the environment: files share processes, and the next one expects an environment without settings. */
import { afterAll, vi } from "vitest";

afterAll(() => {
  vi.unstubAllEnvs();
});
