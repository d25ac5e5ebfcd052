/** `--direct`: deploys through SCF's API, function by function, each only as far as it differs. */

import { type Text, text } from "../../language/index.ts";
import { type Observed, observe, type Polling, type Scf, waitUntilSettled } from "../cloud/scf.ts";
import { converge } from "../converge.ts";
import type { Deployer } from "../deploy.ts";
import { type Environment, httpTriggerOf } from "../deployment.ts";
import { describeStep, difference, type Step } from "../difference.ts";
import type { DesiredFunction } from "../plan.ts";
import { codeRequest, configurationRequest, creationRequest, triggerRequest } from "./requests.ts";

/** Makes the deployer. */
export const apiDeployer = (env: Environment, polling: Polling, print: (line: string) => void): Deployer => ({
  problems:
    httpTriggerOf(env) === "apigw"
      ? [
          text(
            "HTTP_TRIGGER is apigw, and SCF's API makes no triggers of an API Gateway; leave --direct out, or set HTTP_TRIGGER to http.",
            "HTTP_TRIGGER 是 apigw，而 SCF 的 API 不能创建 API 网关触发器；请不要用 --direct，或把 HTTP_TRIGGER 设为 http。",
          ),
        ]
      : [],
  notes: [],
  async apply(scf, { desired, heading }) {
    const deployed = new Map<string, Observed>();
    for (const fn of desired) {
      print(heading(fn));
      const { observed, stepCount } = await converge({
        observe: () => observe(scf, fn.name, polling),
        diff: (state: Observed) => difference(fn, state),
        apply: async (step: Step) => {
          await send(scf, fn, step);
          if (step.kind.endsWith("-trigger")) return undefined;
          const settled = await waitUntilSettled(scf, fn.name, polling);
          return settled?.Status.endsWith("Failed") ? "failed" : undefined;
        },
        onStep: (step) => print(`    ${describeStep(step)}`),
        describeStuck: (state) => describeStuck(fn, state),
      });
      print(stepCount === 0 ? text("    up to date", "    已是最新") : text("    done", "    完成"));
      deployed.set(fn.key, observed);
    }
    return deployed;
  },
});

async function send(scf: Scf, desired: DesiredFunction, step: Step): Promise<void> {
  const FunctionName = desired.name;
  switch (step.kind) {
    case "create":
      return scf.createFunction(creationRequest(desired));
    case "delete-failed":
      return scf.deleteFunction({ FunctionName });
    case "code":
      return scf.updateFunctionCode(codeRequest(desired));
    case "configuration":
      return scf.updateFunctionConfiguration(configurationRequest(desired));
    case "create-trigger":
      return scf.createTrigger(triggerRequest(desired, step.trigger));
    case "update-trigger":
      return scf.updateTrigger(triggerRequest(desired, step.trigger, step.name));
    case "delete-trigger": {
      const { TriggerName, Type, Qualifier } = step.observed;
      return scf.deleteTrigger({ FunctionName, TriggerName, Type, ...(Qualifier && { Qualifier }) });
    }
  }
}

function describeStuck({ name }: DesiredFunction, { fn }: Observed): Text {
  const codes = fn?.StatusReasons?.flatMap(({ ErrorCode }) => ErrorCode || []) ?? [];
  const why = codes.length > 0 ? ` (${codes.join(", ")})` : "";
  const status = `${fn?.Status ?? text("missing", "不存在")}${why}`;
  return text(
    `${name} is ${status} and does not reach its desired state; check it in the console, then run the same command again.`,
    `${name} 的状态是 ${status}，没有达到预期；请在控制台检查，然后再次运行同一命令。`,
  );
}
