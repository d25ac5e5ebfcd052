/** The one shape of all checks: a name, a question, and one of three answers. */
import type { Context } from "./context.ts";

/** What a check found. Texts are for people, one sentence each, and never hold the value of a setting. */
export type Outcome =
  | { readonly result: "passed"; readonly detail?: string }
  | { readonly result: "failed" | "not checked"; readonly why: string; readonly remedy: string };

/** One line of the report. */
export interface Check {
  /** What is checked, as the line says it. */
  readonly name: string;
  /** May throw `Misconfigured`, which makes the check `not checked`: the lines on settings tell the rest. */
  run(context: Context): Outcome | Promise<Outcome>;
}

/** Checks that belong together, under one heading. */
export interface Family {
  readonly title: string;
  readonly checks: readonly Check[];
}

/** It is as it should be; `detail` says what was seen. */
export const passed = (detail?: string): Outcome => ({ result: "passed", ...(detail && { detail }) });

/** It would fail a user too. */
export const failed = (why: string, remedy: string): Outcome => ({ result: "failed", why, remedy });

/** Nothing is known: it is not configured, or something else is in the way. */
export const notChecked = (why: string, remedy: string): Outcome => ({
  result: "not checked",
  why,
  remedy,
});

/** Nothing is known of what a deployment need not have. */
export const notConfigured = (names: readonly string[], what: string): Outcome =>
  notChecked(`It is not configured: ${names.join(" and ")} not set.`, `Set ${names.join(" and ")} ${what}.`);
