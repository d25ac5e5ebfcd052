/** The examples that need a build tool of others. */
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** One of them. */
export interface App {
  readonly name: "taro" | "uni";
  readonly folder: string;
  /** Where its tool puts the mini-program, below the folder. */
  readonly output: string;
  /** What holds code of ours. */
  readonly sources: readonly string[];
  /** Packages whose types are global. */
  readonly globals: readonly string[];
}

/** All of them. */
export const apps: readonly App[] = [
  {
    name: "taro",
    folder: join(root, "examples/taro"),
    output: "dist",
    sources: ["src/zhenren.ts", "src/pages/index/index.tsx"],
    globals: [],
  },
  {
    name: "uni",
    folder: join(root, "examples/uni"),
    output: "dist/build/mp-weixin",
    sources: ["src/zhenren.ts", "src/pages/index/index.vue"],
    globals: ["@dcloudio/types"],
  },
];
