/**
 * Installs the pinned deploy CLI (tools/deploy/cli), once: does nothing if the versions on disk are those of the lockfile. Plain
 * JavaScript, so that an npm script can run it before anything else is loaded. Packages run no code of their own while they
 * are installed.
 */
"use strict";
const { execFileSync } = require("node:child_process");
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

/** Another folder is for tests. */
const folder = process.argv[2] ?? join(__dirname, "../cli");

const read = (file) => JSON.parse(readFileSync(join(folder, file), "utf8"));

/** Whether each package has the version of the lockfile, and npm its own list, which it writes last. */
function isInstalled() {
  try {
    read("node_modules/.package-lock.json");
    const { "": _root, ...packages } = read("package-lock.json").packages;
    return Object.entries(packages).every(
      ([path, { version, optional }]) => optional || read(`${path}/package.json`).version === version,
    );
  } catch {
    return false; // a file is missing, or was not written to its end
  }
}

if (!isInstalled()) {
  console.log("Installing the pinned deploy CLI, once (380 MB).");
  const args = ["ci", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund"];
  const npm = process.env.npm_execpath; // npm itself, inside one of its scripts
  try {
    if (npm) execFileSync(process.execPath, [npm, ...args], { stdio: "inherit" });
    else execFileSync("npm", args, { stdio: "inherit", shell: process.platform === "win32" });
  } catch {
    console.error(
      "The pinned deploy CLI could not be installed; check the network and what npm printed above.",
    );
    process.exitCode = 1;
  }
}
