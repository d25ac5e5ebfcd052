/** Projects of Taro and uni-app: WeChat runs what they build, so that is what is read. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

const packageJson = z.looseObject({
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
});

/** Frameworks by a package that each of their projects has, and where they build for WeChat unless told otherwise. */
const frameworks = [
  { name: "Taro", dependency: "@tarojs/taro", output: "dist" },
  { name: "uni-app", dependency: "@dcloudio/uni-app", output: "dist/build/mp-weixin" },
] as const;

/** A framework's project. */
export interface FrameworkProject {
  readonly name: "Taro" | "uni-app";
  /** Where it builds. */
  readonly built: string;
  readonly isBuilt: boolean;
}

/** The project in a folder, if it is one of a framework. */
export function frameworkProject(folder: string): FrameworkProject | undefined {
  const file = join(folder, "package.json");
  if (!existsSync(file)) return undefined;
  const { dependencies, devDependencies } = packageJson.parse(JSON.parse(readFileSync(file, "utf8")));
  const found = frameworks.find(({ dependency }) => dependency in { ...dependencies, ...devDependencies });
  if (!found) return undefined;
  const built = join(folder, found.output);
  return { name: found.name, built, isBuilt: existsSync(join(built, "app.json")) };
}
