/** A mini-program's folder, read once: its configuration, its pages, its sources as syntax trees. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
import * as z from "zod";

/** What is installed, built or of the vendors, and not the integrator's code. */
const NOT_THEIRS = /^(node_modules|miniprogram_npm|verify_mpsdk|mp_ecard_sdk|\..*)$/;

/** A file of the mini-program; its path is relative to the folder that was given. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** JavaScript or TypeScript. */
export interface Script extends SourceFile {
  readonly tree: ts.SourceFile;
}

const pageList = z.array(z.string());
const appJson = z.looseObject({
  pages: pageList.default([]),
  subPackages: z.array(z.looseObject({ root: z.string(), pages: pageList.default([]) })).optional(),
  subpackages: z.array(z.looseObject({ root: z.string(), pages: pageList.default([]) })).optional(),
  __usePrivacyCheck__: z.boolean().optional(),
});
const projectConfig = z.looseObject({
  miniprogramRoot: z.string().optional(),
  pluginRoot: z.string().optional(),
  libVersion: z.string().optional(),
  setting: z
    .looseObject({ urlCheck: z.boolean().optional(), packNpmManually: z.boolean().optional() })
    .optional(),
  packOptions: z.looseObject({ ignore: z.array(z.looseObject({ value: z.string() })).optional() }).optional(),
});
const packageJson = z.looseObject({
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
});

/** Everything the rules look at. */
export interface Project {
  /** `project.config.json`; absent if there is none. */
  readonly config: (SourceFile & z.infer<typeof projectConfig>) | undefined;
  readonly app: (SourceFile & z.infer<typeof appJson>) | undefined;
  /** `package.json` files, with the folder that each is in. */
  readonly packages: readonly (SourceFile & z.infer<typeof packageJson>)[];
  /** Where the mini-program itself is, relative to the folder. */
  readonly root: string;
  /** All routes of `app.json`, those of subpackages with their root. */
  readonly pages: readonly string[];
  readonly scripts: readonly Script[];
  readonly templates: readonly SourceFile[];
  /** The folders of the vendors' SDKs, wherever they lie. */
  readonly sdks: readonly {
    name: "verify_mpsdk" | "mp_ecard_sdk";
    path: string;
    files: readonly SourceFile[];
  }[];
  /** `app.js` or `app.ts`. */
  readonly appScript: Script | undefined;
}

/** Reads a folder. Files that are not valid JSON count as missing. */
export function readProject(folder: string): Project {
  const read = (path: string): SourceFile => ({ path, text: readFileSync(join(folder, path), "utf8") });
  const readJson = <T>(path: string, schema: z.ZodType<T>): (SourceFile & T) | undefined => {
    if (!existsSync(join(folder, path))) return undefined;
    const file = read(path);
    try {
      return { ...schema.parse(JSON.parse(file.text)), ...file };
    } catch {
      return undefined;
    }
  };
  const config = readJson("project.config.json", projectConfig);
  const root = config?.miniprogramRoot?.replace(/^\.?\/|\/$/g, "") ?? "";
  const app = readJson(join(root, "app.json"), appJson);
  const files = walk(folder, "");
  const scripts = files
    .filter((path) => /\.(js|ts)$/.test(path) && !path.endsWith(".d.ts"))
    .map(read)
    .map((file) => ({
      ...file,
      tree: ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true),
    }));
  const subpackages = [...(app?.subPackages ?? []), ...(app?.subpackages ?? [])];
  return {
    config,
    app,
    root,
    pages: [
      ...(app?.pages ?? []),
      ...subpackages.flatMap(({ root: parent, pages }) => pages.map((page) => join(parent, page))),
    ],
    packages: files
      .filter((path) => /(^|\/)package\.json$/.test(path))
      .flatMap((path) => readJson(path, packageJson) ?? []),
    scripts,
    templates: files.filter((path) => path.endsWith(".wxml")).map(read),
    sdks: findSdks(folder, "").map(({ name, path }) => ({
      name,
      path,
      files: walk(folder, path)
        .filter((file) => file.endsWith(".js"))
        .map(read),
    })),
    appScript: scripts.find(({ path }) => /^app\.(js|ts)$/.test(relative(root, path))),
  };
}

/** The files below a folder that are the integrator's. */
function walk(folder: string, path: string): string[] {
  return readdirSync(join(folder, path), { withFileTypes: true }).flatMap((entry) => {
    const child = join(path, entry.name);
    if (NOT_THEIRS.test(entry.name)) return [];
    return entry.isDirectory() ? walk(folder, child) : entry.isFile() ? [child] : [];
  });
}

function findSdks(folder: string, path: string): { name: "verify_mpsdk" | "mp_ecard_sdk"; path: string }[] {
  return readdirSync(join(folder, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/^(node_modules|miniprogram_npm|\..*)$/.test(entry.name))
    .flatMap(({ name }) => {
      const child = join(path, name);
      if (name === "verify_mpsdk" || name === "mp_ecard_sdk") return [{ name, path: child }];
      return findSdks(folder, child);
    });
}
