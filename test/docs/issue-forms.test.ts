/** The issue forms, as GitHub's schema for them says, and what each must ask. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { root } from "./markdown.ts";

const folder = join(root, ".github/ISSUE_TEMPLATE");
const formFiles = readdirSync(folder).filter((file) => file !== "config.yml");

const validations = z.strictObject({ required: z.boolean() }).optional();
const field = <Type extends string, Attributes extends z.ZodRawShape>(type: Type, attributes: Attributes) =>
  z.strictObject({
    type: z.literal(type),
    id: z.string().regex(/^[a-z-]+$/),
    attributes: z.strictObject({ label: z.string(), description: z.string().optional(), ...attributes }),
    validations,
  });
const form = z.strictObject({
  name: z.string(),
  description: z.string(),
  labels: z.array(z.string()),
  body: z.array(
    z.discriminatedUnion("type", [
      z.strictObject({ type: z.literal("markdown"), attributes: z.strictObject({ value: z.string() }) }),
      field("dropdown", { options: z.array(z.string()).min(2) }),
      field("input", { placeholder: z.string() }),
      field("textarea", {}),
      field("checkboxes", {
        options: z.array(z.strictObject({ label: z.string(), required: z.boolean().optional() })),
      }),
    ]),
  ),
});

describe.each(formFiles)("%s", (file) => {
  const { body } = form.parse(load(readFileSync(join(folder, file), "utf8")));

  test("has each field once", () => {
    const ids = body.flatMap((part) => ("id" in part ? [part.id] : []));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(1);
  });

  test("demands issues without personal data where answers of providers are shown", () => {
    const demanded = body.some(
      (part) =>
        part.type === "checkboxes" &&
        part.attributes.options.some((option) => option.required && /no personal data/.test(option.label)),
    );
    expect(demanded).toBe(file !== "proposal.yml");
  });
});

test("vulnerabilities are led to SECURITY.md", () => {
  expect(readFileSync(join(folder, "bug.yml"), "utf8")).toContain("SECURITY.md");
  expect(load(readFileSync(join(folder, "config.yml"), "utf8"))).toEqual({ blank_issues_enabled: false });
});
