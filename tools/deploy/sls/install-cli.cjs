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

/** The packages of a lockfile by path; none if there is no such file. */
function packagesOf(file) {
  try {
    const { "": _root, ...packages } = JSON.parse(readFileSync(join(folder, file), "utf8")).packages;
    return packages;
  } catch {
    return {};
  }
}

/** npm writes its own list of what it installed last, so a broken installation has none. */
function isInstalled() {
  const installed = packagesOf("node_modules/.package-lock.json");
  return Object.entries(packagesOf("package-lock.json")).every(
    ([path, { version, optional }]) => optional || (path in installed && installed[path].version === version),
  );
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
