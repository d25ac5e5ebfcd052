/** SCF: functions, triggers and custom domains of one account in one region, changed as SCF changes them. */
import type * as z from "zod";
import { CloudError } from "../../../../simulator/faceid/envelope.ts";
import { FakeDomains } from "./fake-domains.ts";
import { type Action, httpTriggerDesc, requests } from "./scf-requests.ts";
import { unzip } from "./unzip.ts";

/** A trigger as `ListTriggers` shows it. */
export interface Trigger {
  Type: string;
  TriggerName: string;
  TriggerDesc: string;
  Qualifier: string;
  Enable: number;
  CustomArgument: string;
  /** Which API starts the function; of `apigw` triggers only. */
  ResourceId?: string;
}

/** A function as the account has it. */
export interface StoredFunction {
  facts: Record<string, unknown>;
  environment: Record<string, string>;
  /** The contents of its package. */
  files: Map<string, Buffer>;
  triggers: Trigger[];
  status: string;
  /** How many more polls show the change as under way. */
  pollsLeft: number;
}

type RequestOf<Name extends Action> = z.infer<(typeof requests)[Name]>;

/** A function without code, settings or triggers. */
export const emptyFunction = (): StoredFunction => ({
  facts: {},
  environment: {},
  files: new Map(),
  triggers: [],
  status: "Active",
  pollsLeft: 0,
});

/** One account in one region. */
export class FakeScf {
  readonly functions = new Map<string, StoredFunction>();
  readonly domains = new FakeDomains((name) => this.functions.has(name));
  /** The contents of packages in buckets, by `<bucket><object>`. */
  readonly objects = new Map<string, ReadonlyMap<string, Buffer>>();
  /** The status in which the next creation ends. */
  nextCreation: "Active" | "CreateFailed" = "Active";
  /** How many polls a change takes. */
  pollsPerChange = 1;

  /** Returns the response of an action, or throws a {@link CloudError}. */
  answer(action: Action, body: unknown): Record<string, unknown> {
    const parsed = requests[action].safeParse(body);
    if (!parsed.success) {
      const field = parsed.error.issues[0]?.path.join(".") || parsed.error.issues[0]?.message;
      throw new CloudError("InvalidParameterValue", `${action}: ${field}`);
    }
    return this[action](parsed.data as never); // parsed by the schema of this action
  }

  private find(name: string): StoredFunction {
    const found = this.functions.get(name);
    if (!found) throw new CloudError("ResourceNotFound.Function", "函数不存在。");
    return found;
  }

  private findSettled(name: string): StoredFunction {
    const found = this.find(name);
    if (found.pollsLeft > 0) throw new CloudError("FailedOperation.FunctionStatusError", "函数在部署中。");
    return found;
  }

  private configure(
    fn: StoredFunction,
    { FunctionName: _, Environment, ...facts }: RequestOf<"UpdateFunctionConfiguration">,
  ) {
    Object.assign(fn.facts, facts);
    const named = Environment?.Variables.filter(({ Key }) => Key !== "") ?? [];
    fn.environment = Object.fromEntries(named.map(({ Key, Value }) => [Key, Value]));
  }

  private change(fn: StoredFunction): void {
    fn.status = "Active";
    fn.pollsLeft = this.pollsPerChange;
  }

  GetFunction({ FunctionName }: RequestOf<"GetFunction">) {
    const fn = this.find(FunctionName);
    const isChanging = fn.pollsLeft > 0;
    if (isChanging) fn.pollsLeft -= 1;
    return {
      FunctionName,
      Qualifier: "$LATEST",
      ...fn.facts,
      Status: isChanging ? "Updating" : fn.status,
      StatusReasons: fn.status.endsWith("Failed") ? [{ ErrorCode: "CodePulling", ErrorMessage: "…" }] : [],
      Environment: { Variables: Object.entries(fn.environment).map(([Key, Value]) => ({ Key, Value })) },
    };
  }

  GetAlias({ FunctionName, Name }: RequestOf<"GetAlias">) {
    this.find(FunctionName);
    return { Name, FunctionVersion: "$LATEST", RoutingConfig: { AdditionalVersionWeights: [] } };
  }

  ListTriggers({ FunctionName, Filters, Limit, Offset }: RequestOf<"ListTriggers">) {
    const triggers = this.find(FunctionName).triggers.filter((each) =>
      Filters.every(({ Name, Values }) => Values.includes(each[Name])),
    );
    const shown = triggers.slice(Offset, Offset + Math.min(Limit, 100));
    return { TotalCount: triggers.length, Triggers: shown.map((each) => ({ ...each })) };
  }

  /** The contents of a package that is sent along or lies in a bucket. */
  private opened(code: { ZipFile?: string | undefined } | { CosBucketName: string; CosObjectName: string }) {
    if (!("CosBucketName" in code)) return unzip(Buffer.from(code.ZipFile ?? "", "base64"));
    const files = this.objects.get(`${code.CosBucketName}${code.CosObjectName}`);
    if (!files) throw new CloudError("InvalidParameterValue.CosObjectName", "COS object 不存在。");
    return new Map(files);
  }

  CreateFunction({
    Code,
    Handler,
    Runtime,
    Type,
    DeployMode: _,
    InstallDependency: __,
    ...rest
  }: RequestOf<"CreateFunction">) {
    if (this.functions.has(rest.FunctionName)) throw new CloudError("ResourceInUse.Function", "函数已存在。");
    const files = this.opened(Code);
    const fn = { ...emptyFunction(), facts: { Handler, Runtime, Type }, files };
    this.configure(fn, rest);
    this.change(fn);
    fn.status = this.nextCreation;
    this.nextCreation = "Active";
    this.functions.set(rest.FunctionName, fn);
    return {};
  }

  UpdateFunctionCode({ FunctionName, ZipFile, Code, Handler }: RequestOf<"UpdateFunctionCode">) {
    const fn = this.findSettled(FunctionName);
    if (fn.status === "CreateFailed") throw new CloudError("FailedOperation.FunctionNameStatusError", "…");
    fn.files = this.opened(Code ?? { ZipFile });
    fn.facts["Handler"] = Handler;
    this.change(fn);
    return {};
  }

  UpdateFunctionConfiguration(request: RequestOf<"UpdateFunctionConfiguration">) {
    const fn = this.findSettled(request.FunctionName);
    this.configure(fn, request);
    this.change(fn);
    return {};
  }

  DeleteFunction({ FunctionName }: RequestOf<"DeleteFunction">) {
    this.find(FunctionName);
    this.functions.delete(FunctionName);
    return {};
  }

  CreateTrigger(request: RequestOf<"CreateTrigger">) {
    const { triggers } = this.findSettled(request.FunctionName);
    if (triggers.some((each) => each.TriggerName === request.TriggerName))
      throw new CloudError("ResourceInUse.Trigger", "触发器已存在。");
    const { Type, TriggerName, Qualifier = "$LATEST" } = request;
    const trigger = { Type, TriggerName, Qualifier, TriggerDesc: "", Enable: 1, CustomArgument: "" };
    triggers.push(this.written(trigger, request));
    return { TriggerInfo: trigger };
  }

  UpdateTrigger(request: RequestOf<"UpdateTrigger">) {
    this.written(this.trigger(request), request);
    return {};
  }

  DeleteTrigger(request: RequestOf<"DeleteTrigger">) {
    const trigger = this.trigger(request);
    const fn = this.find(request.FunctionName);
    fn.triggers = fn.triggers.filter((each) => each !== trigger);
    return {};
  }

  GetCustomDomain(request: RequestOf<"GetCustomDomain">) {
    return this.domains.get(request);
  }

  CreateCustomDomain(request: RequestOf<"CreateCustomDomain">) {
    return this.domains.create(request);
  }

  UpdateCustomDomain(request: RequestOf<"UpdateCustomDomain">) {
    return this.domains.update(request);
  }

  private trigger(request: RequestOf<"DeleteTrigger">): Trigger {
    const found = this.find(request.FunctionName).triggers.find(
      ({ Type, TriggerName, Qualifier }) =>
        Type === request.Type &&
        TriggerName === request.TriggerName &&
        Qualifier === (request.Qualifier ?? "$LATEST"),
    );
    if (!found) throw new CloudError("ResourceNotFound.Trigger", "触发器不存在。");
    return found;
  }

  /** Reads differ from writes: a cron comes back in JSON, `OPEN` as 1, and a URL with its address. */
  private written(trigger: Trigger, request: RequestOf<"CreateTrigger">): Trigger {
    const { TriggerDesc = "", Enable, CustomArgument, FunctionName } = request;
    if (Enable) trigger.Enable = Enable === "OPEN" ? 1 : 0;
    if (CustomArgument !== undefined) trigger.CustomArgument = CustomArgument;
    if (trigger.Type === "timer") {
      if (TriggerDesc.split(" ").length !== 7)
        throw new CloudError("InvalidParameterValue.TriggerDesc", "cron");
      trigger.TriggerDesc = JSON.stringify({ cron: TriggerDesc });
      return trigger;
    }
    const described = httpTriggerDesc.safeParse(JSON.parse(TriggerDesc));
    if (!described.success)
      throw new CloudError("InvalidParameterValue.TriggerDesc", described.error.message);
    const { AuthType, NetConfig } = described.data;
    const ExtranetUrl = `https://1250000001-${FunctionName.slice(-12).replaceAll(/[^a-z0-9]/g, "")}.ap-guangzhou.tencentscf.com/`;
    trigger.TriggerDesc = JSON.stringify({ AuthType, NetConfig: { ...NetConfig, ExtranetUrl } });
    return trigger;
  }
}
