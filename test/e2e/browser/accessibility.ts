/** What axe-core, which is not ours, finds on a page as it is now. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import * as z from "zod";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const results = z.object({
  passes: z.array(z.unknown()),
  violations: z.array(
    z.object({
      id: z.string(),
      impact: z.string().nullable(),
      nodes: z.array(z.object({ html: z.string(), failureSummary: z.string() })),
    }),
  ),
});

/** Expects that axe finds nothing serious on a page, and that it did look. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(source);
  const { passes, violations } = results.parse(await page.evaluate("axe.run(document)"));
  expect(passes.length).toBeGreaterThan(5);
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  expect(serious.map(({ id, nodes }) => ({ id, nodes }))).toEqual([]);
}

/** Expects that nothing sticks out at the side, at each of the widths. */
export async function expectFits(page: Page, widths: readonly number[]): Promise<void> {
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 });
    const wide = await page.evaluate("document.scrollingElement.scrollWidth");
    expect(wide, `the width of the page in a window of ${width}`).toBeLessThanOrEqual(width);
  }
}
