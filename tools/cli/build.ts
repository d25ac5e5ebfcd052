/** `npm run build`: bundles every function into `dist/` and prints what each weighs. */
import { build } from "../build/build.ts";

for (const [name, bytes] of Object.entries(await build())) {
  console.log(`${name.padEnd(20)} ${(bytes / 1024).toFixed(0).padStart(6)} KB`);
}
