import { expect, test } from "vitest";
import { regressions } from "../../bench/ratios.ts";

test("a ratio may be up to a quarter worse than recorded", () => {
  expect(regressions({ login: 2 }, { login: 2.5 })).toEqual([]);
  expect(regressions({ login: 2 }, { login: 1 })).toEqual([]);
  expect(regressions({ login: 2 }, { login: 2.51 })).toEqual(["login: 2.51, recorded 2.00"]);
});

test("what was measured on one side alone is told, and so is what is no number", () => {
  expect(regressions({ gone: 2 }, { added: 3 })).toEqual([
    "gone: recorded, but not measured any more",
    "added: not recorded yet (npm run bench -- --record)",
  ]);
  expect(regressions({ login: 2 }, { login: Number.NaN })).toHaveLength(1);
});
