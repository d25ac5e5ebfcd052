import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, onTestFinished, test } from "vitest";
import { EQUIVALENTS, equivalentOf } from "../../../tools/mutate/equivalents.ts";
import { applyMutant, mutantsOf } from "../../../tools/mutate/mutants.ts";
import { MUTATED, relatedTests } from "../../../tools/mutate/related-tests.ts";
import { allMutants, shuffled } from "../../../tools/mutate/selection.ts";
import { refusedByTypes } from "../../../tools/mutate/type-check.ts";

const root = join(import.meta.dirname, "../../..");
const changed = (text: string) => mutantsOf("x.ts", text).map((mutant) => applyMutant(text, mutant));
const all = allMutants(root, {});

describe("mutants", () => {
  test.each([
    ["a boundary", "const x = a < b;", ["const x = a <= b;"]],
    ["a condition", "if (a) b = 1;", ["if (!(a)) b = 1;"]],
    ["a negation", "const x = !a;", ["const x = a;"]],
    ["a logic", "const x = a && b;", ["const x = a || b;"]],
    ["an arithmetic", "const x = a * b;", ["const x = a / b;"]],
    ["a text", "const x = 'a';", ['const x = "";']],
    ["a tagged text", "const x = sql`1`;", ["const x = sql``;"]],
    ["a boolean", "const x = { a: true };", ["const x = { a: false };"]],
    ["a list", "const x = [a];", ["const x = [];"]],
    [
      "a condition of a query",
      "const x = and(a, b);",
      ["const x = and(undefined, b);", "const x = and(a, undefined);"],
    ],
    ["a step of a query", "const x = q.from(t).limit(1);", ["const x = q.from(t);"]],
    ["an opposite", "const x = asc(a);", ["const x = desc(a);"]],
    ["a call that nobody uses", "await send(x);", [";", "send(x);"]],
  ])("of %s", (_, text, expected) => {
    expect(changed(text)).toEqual(expected);
  });

  test.each([
    ["a type", 'type A = "a" | true; interface B { c: "d" }'],
    ["an import", 'import { a } from "b";'],
    ["a property's name", 'const x = { "a": b };'],
    ["what an error says", 'throw new TypeError("a");'],
    ["what an error of our own says", 'class AError extends Error { constructor() { super("a"); } }'],
    ["a prepared statement's name", 'const x = { name: "a", text: sql };'],
    ["a hint for people", 'const x = { hint: "a" };'],
    ["what of an answer is malformed", 'throw malformed(operation, "a");'],
    ["what is logged", 'log.warn({ a }, "b");'],
    ["the target of an assignment", "[a, b] = c;"],
  ])("are not made of %s", (_, text) => {
    expect(changed(text)).toEqual([]);
  });

  test("have ids of their own, by line and operator", () => {
    const ids = mutantsOf("x.ts", "const x = a < b;\nconst y = a && b && c;").map(({ id }) => id);
    expect(ids).toEqual(["x.ts:1:boundary", "x.ts:2:logic", "x.ts:2:logic#2"]);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  });

  test("change something and are still TypeScript", () => {
    const texts = new Map<string, ts.SourceFile>();
    for (const mutant of all.filter((_, n) => n % 20 === 0)) {
      const text = ts.sys.readFile(join(root, mutant.file)) ?? "";
      const mutated = applyMutant(text, mutant);
      expect(mutated, mutant.id).not.toBe(text);
      const name = `${mutant.id}.ts`;
      texts.set(name, ts.createSourceFile(name, mutated, ts.ScriptTarget.ES2023));
    }
    // One program that only parses: what a compiler of single files would complain about.
    const host = { ...ts.createCompilerHost({}), getSourceFile: (name: string) => texts.get(name) };
    const program = ts.createProgram([...texts.keys()], { noLib: true, noResolve: true }, host);
    expect(
      program.getSyntacticDiagnostics().map(({ file, messageText }) => [file?.fileName, messageText]),
    ).toEqual([]);
    expect(program.getSourceFiles()).toHaveLength(texts.size);
  });
});

describe("the choice of mutants", () => {
  test("is the same for the same seed, another for another, and from everywhere", () => {
    const sample = (seed: string) => shuffled(all, seed).slice(0, 200);
    const first = sample("1");
    expect(shuffled(all, "1")).toHaveLength(all.length);
    expect(sample("1")).toEqual(first);
    expect(sample("2")).not.toEqual(first);
    expect(new Set(first.map(({ file }) => file)).size).toBeGreaterThan(30);
  });

  test("leaves out what the compiler refuses, whichever other mutants there are", () => {
    const folder = mkdtempSync(join(tmpdir(), "zhenren-mutants-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(
      join(folder, "tsconfig.json"),
      '{"compilerOptions":{"noLib":true,"strict":true,"types":[]}}',
    );
    const text = 'export const kind: "a" | "b" = "a";\nexport const name: string = "a";\n';
    writeFileSync(join(folder, "x.ts"), text);
    const [kind, name, ...none] = mutantsOf("x.ts", text);
    expect(none).toEqual([]);
    expect(kind && name && [...refusedByTypes(folder, [name, kind])]).toEqual([kind]);
  });

  test("is limited to the files that are named", () => {
    const chosen = allMutants(root, { files: ["shared/crypto"] });
    expect(new Set(chosen.map(({ file }) => file))).toEqual(
      new Set(["shared/crypto/data-key.ts", "shared/crypto/keyring.ts", "shared/crypto/seal.ts"]),
    );
  });

  test("is limited to those that are called as a report calls them", () => {
    const files = ["shared/crypto/seal.ts"];
    const [first, second] = allMutants(root, { files });
    const ids = [first?.id ?? "", second?.id ?? ""];
    expect(allMutants(root, { files, ids })).toEqual([first, second]);
  });

  test.each(MUTATED)("has mutants of %s", (path) => {
    expect(all.some(({ file }) => file.startsWith(path))).toBe(true);
  });

  test("leaves out the equivalent ones, each of which there is", () => {
    expect(all.filter(equivalentOf)).toEqual([]);
    for (const entry of EQUIVALENTS) {
      const text = ts.sys.readFile(join(root, entry.file)) ?? "";
      expect(
        mutantsOf(entry.file, text).some((mutant) => equivalentOf(mutant) === entry),
        entry.code,
      ).toBe(true);
    }
  });

  test("names tests that there are", () => {
    for (const file of new Set(all.map((mutant) => mutant.file))) {
      for (const name of relatedTests(root, file)) expect(existsSync(join(root, name)), name).toBe(true);
    }
    expect(relatedTests(root, "shared/store/archive.ts")[0]).toBe("test/store/archive.test.ts");
  });
});
