/**
 * The first command of every npm script: says in one sentence that Node is too old, before anything else fails on it. Plain
 * JavaScript that old versions can parse; package.json says which version is needed.
 */
"use strict";
const needed = require("../package.json").engines.node.replace(">=", "");
const version = process.versions.node;
const numbers = (text) => text.split(".").map(Number);
const [major, minor] = numbers(version);
const [neededMajor, neededMinor] = numbers(needed);
if (major < neededMajor || (major === neededMajor && minor < neededMinor)) {
  console.error(`Zhenren needs Node ${needed} or later; this is Node ${version}.`);
  process.exit(1);
}
