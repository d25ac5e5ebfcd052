/** The package as it is published: packed, unpacked into an empty project, and used there as people use it. */
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transformSync } from "esbuild";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildClient } from "../../tools/build/client.ts";
import { CLIENT_ENTRIES } from "../../tools/build/client-bundle.ts";

/** 6 kB. */
const MAX_GZIPPED_BYTES = 6_000;

const folder = mkdtempSync(join(tmpdir(), "zhenren-client-"));
const project = join(folder, "project");
const installed = join(project, "node_modules/zhenren-client");
let sizes: Record<string, number> = {};

beforeAll(async () => {
  sizes = await buildClient(join(folder, "built"));
  const args = ["pack", "--offline", "--json", "--pack-destination", folder, join(folder, "built")];
  const packed = JSON.parse(
    execFileSync("npm", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
  );
  mkdirSync(installed, { recursive: true });
  // What `npm install <file>` does with a package that needs no other.
  execFileSync("tar", ["-xzf", join(folder, packed[0].filename), "-C", installed, "--strip-components=1"]);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const node = (file: string, text: string) => {
  writeFileSync(join(project, file), text);
  return execFileSync(process.execPath, [join(project, file)], { encoding: "utf8" }).trim();
};

test("no entry is larger than 6 kB, gzipped", () => {
  expect(Object.keys(sizes)).toEqual([...CLIENT_ENTRIES]);
  expect(Object.entries(sizes).filter(([, bytes]) => bytes > MAX_GZIPPED_BYTES)).toEqual([]);
});

test("it needs no other package and runs nothing when it is installed", () => {
  const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
  for (const field of ["dependencies", "peerDependencies", "optionalDependencies", "scripts", "private"])
    expect(manifest[field], field).toBeUndefined();
});

describe("every entry is found", () => {
  const names = CLIENT_ENTRIES.map((entry) =>
    entry === "index" ? "zhenren-client" : `zhenren-client/${entry}`,
  );
  const exported = (name: string) => (name.endsWith("/simulator") ? "simulator" : "createClient");

  test("by require", () => {
    const lines = names.map((name) => `console.log(typeof require("${name}").${exported(name)});`);
    expect(node("use.cjs", lines.join("\n"))).toBe(names.map(() => "function").join("\n"));
  });

  test("by import", () => {
    const lines = names.map(
      (name, index) =>
        `import { ${exported(name)} as f${index} } from "${name}"; console.log(typeof f${index});`,
    );
    expect(node("use.mjs", lines.join("\n"))).toBe(names.map(() => "function").join("\n"));
  });

  test("by bundlers that read no `exports`: as files, with `main` and `module`", () => {
    const { main, module, types, exports } = JSON.parse(
      readFileSync(join(installed, "package.json"), "utf8"),
    );
    for (const file of [main, module, types]) expect(existsSync(join(installed, file)), file).toBe(true);
    for (const entry of CLIENT_ENTRIES) expect(existsSync(join(installed, `${entry}.js`)), entry).toBe(true);
    const targets = JSON.stringify(exports).match(/"\.\/[\w./-]+\.(?:m?js|d\.m?ts|json)"/g) ?? [];
    expect(targets.length).toBe(CLIENT_ENTRIES.length * 4 + 2);
    for (const target of targets) expect(existsSync(join(installed, JSON.parse(target))), target).toBe(true);
  });
});

describe("TypeScript finds the types", () => {
  const source = `
    import { createClient, ZhenrenError, type Result } from "zhenren-client";
    import { createClient as web } from "zhenren-client/web";
    import { createClient as account } from "zhenren-client/service-account";
    import { createClient as taro } from "zhenren-client/taro";
    import { createClient as uni } from "zhenren-client/uni";
    import { simulator } from "zhenren-client/simulator";
    const client = createClient({ api: "https://a.example", simulator: simulator("http://127.0.0.1:3100") });
    export const ended: Promise<Result> = client.verify({ channel: "eid", reference: "1" });
    export const message = (error: unknown): string => (error instanceof ZhenrenError ? error.code : "");
    export const all = [web, account, taro, uni];
    // @ts-expect-error: there is no such channel
    client.verify({ channel: "sms" });
  `;
  const check = (file: string, options: ts.CompilerOptions) => {
    const path = join(project, file);
    writeFileSync(path, source);
    const common = {
      strict: true,
      noEmit: true,
      types: [],
      lib: ["lib.es2020.d.ts"],
      target: ts.ScriptTarget.ES2020,
    };
    const program = ts.createProgram([path], { ...common, ...options });
    return ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "));
  };

  test.each([
    ["CommonJS", "app.cts", { module: ts.ModuleKind.NodeNext }],
    ["ESM", "app.mts", { module: ts.ModuleKind.NodeNext }],
    [
      "a bundler",
      "app.ts",
      { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler },
    ],
    [
      "an old resolution",
      "old.ts",
      { module: ts.ModuleKind.CommonJS, moduleResolution: ts.ModuleResolutionKind.Node10 },
    ],
  ])("in %s", (_, file, options) => {
    expect(check(file, options)).toEqual([]);
  });
});

describe("the developer tools' npm", () => {
  // They copy the folder of the field `miniprogram` to miniprogram_npm/<name>, and look for index.js there.
  const copied = () => {
    const { miniprogram } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
    return join(installed, miniprogram);
  };

  test("get CommonJS with types that stand alone", () => {
    expect(readdirSync(copied()).toSorted()).toEqual([
      "index.d.ts",
      "index.js",
      "simulator.d.ts",
      "simulator.js",
      "types",
    ]);
    const outside = readdirSync(join(copied(), "types"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".d.ts"))
      .flatMap((file) =>
        [...readFileSync(join(copied(), "types", file), "utf8").matchAll(/from "([^"]+)"/g)].map(
          ([, target = ""]) => join(file, "..", target.replace(/\.js$/, ".d.ts")),
        ),
      )
      .filter((target) => !existsSync(join(copied(), "types", target)));
    expect(outside).toEqual([]);
  });

  test.each(["index.js", "simulator.js"])("%s needs no module, no Node, and reads on old phones", (file) => {
    const text = readFileSync(join(copied(), file), "utf8");
    expect(text).not.toMatch(/\brequire\(|\bimport\b|\bprocess\b|\bBuffer\b|\beval\b|new Function/);
    expect(text).not.toMatch(/\?\?|\?\./);
    const again = transformSync(text, { target: "es2018", minify: true, charset: "utf8" }).code;
    expect(again.length).toBeLessThanOrEqual(text.length + 10); // nothing had to be rewritten
  });

  test("what is published without the simulator holds nothing of it", () => {
    for (const file of ["index.js", "taro.js", "uni.js", "web.js", "service-account.js"])
      expect(readFileSync(join(installed, file), "utf8"), file).not.toMatch(/_sim|127\.0\.0\.1/);
  });
});
