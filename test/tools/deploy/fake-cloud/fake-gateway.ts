/** API Gateway: services with their APIs, each of which calls a function of the account. */
import { randomBytes } from "node:crypto";
import type * as z from "zod";
import { CloudError } from "../../../../simulator/faceid/envelope.ts";
import type { FakeScf, StoredFunction, Trigger } from "./fake-scf.ts";
import { type GatewayAction, gatewayRequests } from "./gateway-requests.ts";

type RequestOf<Name extends GatewayAction> = z.infer<(typeof gatewayRequests)[Name]>;

/** An API as it was last written. */
export type Api = Omit<RequestOf<"ModifyApi">, "ServiceId">;

/** A service. */
export interface GatewayService {
  readonly id: string;
  name: string;
  description: string;
  protocol: string;
  readonly netTypes: readonly string[];
  /** Without a scheme. */
  readonly outerSubDomain: string;
  readonly apis: Map<string, Api>;
  /** The APIs of each environment, as they were when it was last released. */
  readonly released: Map<string, readonly Api[]>;
}

const someId = () => randomBytes(4).toString("hex");

/** One account's gateway in one region. */
export class FakeGateway {
  readonly services = new Map<string, GatewayService>();
  /** The actions so far. */
  readonly calls: GatewayAction[] = [];

  /** Returns the response of an action, or throws a {@link CloudError}. `scf` has the functions. */
  answer(action: string, body: unknown, scf: FakeScf): Record<string, unknown> {
    if (!isGatewayAction(action)) throw new CloudError("InvalidAction", action);
    this.calls.push(action);
    const parsed = gatewayRequests[action].safeParse(body);
    if (!parsed.success) {
      const field = parsed.error.issues[0]?.path.join(".") || parsed.error.issues[0]?.message;
      throw new CloudError("InvalidParameterValue", `${action}: ${field}`);
    }
    return this[action](parsed.data as never, scf); // parsed by the schema of this action
  }

  private service({ ServiceId }: { ServiceId: string }): GatewayService {
    const found = this.services.get(ServiceId);
    if (!found) throw new CloudError("ResourceNotFound.InvalidService", "服务不存在。");
    return found;
  }

  private api(request: { ServiceId: string; ApiId: string }): Api {
    const found = this.service(request).apis.get(request.ApiId);
    if (!found) throw new CloudError("ResourceNotFound.InvalidApi", "API 不存在。");
    return found;
  }

  CreateService({ ServiceName, ServiceDesc = "", Protocol, NetTypes }: RequestOf<"CreateService">) {
    const id = `service-${someId()}`;
    const outerSubDomain = `${id}-1250000001.gz.apigw.tencentcs.com`;
    this.services.set(id, {
      id,
      name: ServiceName,
      description: ServiceDesc,
      protocol: Protocol,
      netTypes: NetTypes,
      outerSubDomain,
      apis: new Map(),
      released: new Map(),
    });
    return { ServiceId: id, ServiceName, ServiceDesc, NetTypes, OuterSubDomain: outerSubDomain };
  }

  ModifyService({ ServiceName, ServiceDesc, Protocol, ...request }: RequestOf<"ModifyService">) {
    const service = this.service(request);
    if (ServiceName !== undefined) service.name = ServiceName;
    if (ServiceDesc !== undefined) service.description = ServiceDesc;
    if (Protocol !== undefined) service.protocol = Protocol;
    return {};
  }

  DescribeService(request: RequestOf<"DescribeService">) {
    const { id, name, description, protocol, netTypes, outerSubDomain, apis, released } =
      this.service(request);
    return {
      ServiceId: id,
      ServiceName: name,
      ServiceDesc: description,
      Protocol: protocol,
      NetTypes: netTypes,
      OuterSubDomain: outerSubDomain,
      AvailableEnvironments: [...released.keys()],
      ApiTotalCount: apis.size,
    };
  }

  DeleteService(request: RequestOf<"DeleteService">) {
    const { id, apis, released } = this.service(request);
    if (released.size > 0 || apis.size > 0)
      throw new CloudError("FailedOperation.ServiceInUse", "服务下有 API 或已发布。");
    this.services.delete(id);
    return { Result: true };
  }

  ReleaseService({ EnvironmentName, ReleaseDesc, ...request }: RequestOf<"ReleaseService">) {
    const service = this.service(request);
    service.released.set(EnvironmentName, structuredClone([...service.apis.values()]));
    return { Result: { ReleaseDesc, ReleaseVersion: someId() } };
  }

  UnReleaseService({ EnvironmentName, ...request }: RequestOf<"UnReleaseService">) {
    this.service(request).released.delete(EnvironmentName);
    return { Result: true };
  }

  DescribeServiceSubDomains(request: RequestOf<"DescribeServiceSubDomains">) {
    this.service(request);
    return { Result: { TotalCount: 0, DomainSet: [] } };
  }

  DescribeServiceUsagePlan(request: RequestOf<"DescribeServiceUsagePlan">) {
    this.service(request);
    return { Result: { TotalCount: 0, ServiceUsagePlanList: [] } };
  }

  DescribeApiUsagePlan(request: RequestOf<"DescribeApiUsagePlan">) {
    this.service(request);
    return { Result: { TotalCount: 0, ApiUsagePlanList: [] } };
  }

  DescribeApisStatus({ Filters, Limit, Offset, ...request }: RequestOf<"DescribeApisStatus">) {
    const { id, apis } = this.service(request);
    const found = [...apis.values()].filter(({ RequestConfig }) =>
      Filters.every(({ Values }) => RequestConfig.Path.includes(Values[0] ?? "")),
    );
    const shown = found.slice(Offset, Offset + Limit).map(({ ApiId, ApiName, RequestConfig }) => ({
      ServiceId: id,
      ApiId,
      ApiName,
      ...RequestConfig,
    }));
    return { Result: { TotalCount: found.length, ApiIdStatusSet: shown } };
  }

  DescribeApi(request: RequestOf<"DescribeApi">) {
    return { Result: { ServiceId: request.ServiceId, ...this.api(request) } };
  }

  CreateApi({ ServiceId, ...api }: RequestOf<"CreateApi">, scf: FakeScf) {
    const service = this.service({ ServiceId });
    const ApiId = `api-${someId()}`;
    this.put(service, { ...api, ApiId }, scf);
    return { Result: { ApiId, ...api.RequestConfig } };
  }

  ModifyApi({ ServiceId, ...api }: RequestOf<"ModifyApi">, scf: FakeScf) {
    const before = this.api({ ServiceId, ApiId: api.ApiId });
    const service = this.service({ ServiceId });
    this.put(service, api, scf, before);
    return {};
  }

  DeleteApi(request: RequestOf<"DeleteApi">, scf: FakeScf) {
    const service = this.service(request);
    unbind(service, this.api(request), scf);
    service.apis.delete(request.ApiId);
    // Assumed: a deleted API stops responding in every environment, without another release.
    for (const [name, apis] of service.released)
      service.released.set(
        name,
        apis.filter(({ ApiId }) => ApiId !== request.ApiId),
      );
    return { Result: true };
  }

  /** Stores an API, and the trigger that shows it at its function. */
  private put(service: GatewayService, api: Api, scf: FakeScf, before?: Api): void {
    const { Path, Method } = api.RequestConfig;
    const declared = api.RequestParameters.filter(({ Position }) => Position === "PATH").map(
      ({ Name }) => Name,
    );
    const inPath = [...Path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    if (declared.toSorted().join() !== inPath.toSorted().join())
      throw new CloudError("InvalidParameterValue.InvalidRequestParameters", `${Path} and its parameters`);
    for (const { ApiId, RequestConfig } of service.apis.values())
      if (ApiId !== api.ApiId && RequestConfig.Path === Path && RequestConfig.Method === Method)
        throw new CloudError("InvalidParameterValue.DuplicatePath", `${Method} ${Path} 已存在。`);
    const fn = scf.functions.get(api.ServiceScfFunctionName);
    if (!fn) throw new CloudError("FailedOperation.ScfError", "函数不存在。");
    if (before) unbind(service, before, scf);
    service.apis.set(api.ApiId, api);
    bind(service, api, fn);
  }
}

const isGatewayAction = (text: string): text is GatewayAction => Object.hasOwn(gatewayRequests, text);

const resourceOf = (service: GatewayService, api: Api) => `service/${service.id}/API/${api.ApiId}`;

function bind(service: GatewayService, api: Api, fn: StoredFunction): void {
  const trigger: Trigger = {
    Type: "apigw",
    TriggerName: `${service.id}_${api.ApiId}`,
    Qualifier: api.ServiceScfFunctionQualifier,
    ResourceId: resourceOf(service, api),
    Enable: 1,
    CustomArgument: "",
    TriggerDesc: JSON.stringify({
      api: {
        apiId: api.ApiId,
        apiName: api.ApiName,
        isIntegratedResponse: api.ServiceScfIsIntegratedResponse ? "TRUE" : "FALSE",
        requestConfig: { method: api.RequestConfig.Method, path: api.RequestConfig.Path },
      },
      service: { serviceId: service.id, serviceName: service.name, subDomain: service.outerSubDomain },
    }),
  };
  fn.triggers.push(trigger);
}

function unbind(service: GatewayService, api: Api, scf: FakeScf): void {
  const fn = scf.functions.get(api.ServiceScfFunctionName);
  if (!fn) return;
  const resource = resourceOf(service, api);
  fn.triggers = fn.triggers.filter(({ ResourceId }) => ResourceId !== resource);
}
