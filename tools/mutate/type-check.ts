/** Mutants that the compiler refuses: no test has to notice what `npm run check` does not let pass. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { applyMutant, type Mutant } from "./mutants.ts";

function compilerOptions(root: string): ts.CompilerOptions {
  const path = join(root, "tsconfig.json");
  const { config } = ts.readConfigFile(path, ts.sys.readFile);
  return ts.convertCompilerOptionsFromJson(config.compilerOptions, root).options;
}

/**
 * The mutants whose own file has errors of type or syntax. All of them are one program, as copies beside the original: what
 * they import is then read once.
 */
export function refusedByTypes(root: string, mutants: readonly Mutant[]): Set<Mutant> {
  const texts = new Map(
    mutants.map((mutant, n) => {
      const text = applyMutant(readFileSync(join(root, mutant.file), "utf8"), mutant);
      return [join(root, mutant.file.replace(/\.ts$/, `.mutant-${n}.ts`)), { mutant, text }];
    }),
  );
  const options = compilerOptions(root);
  const host = ts.createCompilerHost(options);
  const program = ts.createProgram([...texts.keys()], options, {
    ...host,
    fileExists: (name) => texts.has(name) || host.fileExists(name),
    readFile: (name) => texts.get(name)?.text ?? host.readFile(name),
    getSourceFile: (name, version) => {
      const text = texts.get(name)?.text;
      return text === undefined
        ? host.getSourceFile(name, version)
        : ts.createSourceFile(name, text, version);
    },
  });
  const refused = new Set<Mutant>();
  for (const [name, { mutant }] of texts) {
    const source = program.getSourceFile(name);
    const errors = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    if (errors.length > 0) refused.add(mutant);
  }
  return refused;
}
