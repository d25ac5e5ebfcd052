/**
 * The vendor's tencent-component-toolkit in a process of its own: receives jobs over IPC and sends back what the toolkit returned
 * or threw. TOOLKIT is its path.
 */
"use strict";
const { Scf, TriggerManager } = require(process.env.TOOLKIT);

const jobs = {
  deployFunction: ({ credentials, region }, inputs) => new Scf(credentials, region).deploy(inputs),
  removeFunction: ({ credentials, region }, inputs) => new Scf(credentials, region).remove(inputs),
  createTriggers: ({ credentials, region }, triggers, namespace) =>
    new TriggerManager(credentials, region).bulkCreateTriggers(triggers, namespace),
};

process.on("message", async ({ id, job, access, args }) => {
  try {
    process.send({ id, result: await jobs[job](access, ...args) });
  } catch (error) {
    process.send({ id, error: { message: error.message, code: error.code, type: error.type } });
  }
});
process.on("disconnect", () => process.exit(0));
