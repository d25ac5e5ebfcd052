/**
 * Where tencent-component-toolkit 2.27.6 itself sends what the published types do not list, by action and kind. The real API
 * takes these calls every day, so they pass; nothing else does. `*` stands for an index.
 */
export const deviations: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  // Asked for in each look at a function.
  GetFunction: { UnknownParameter: ["ShowTriggers"] },
  // Sent with fixed values for every function that is no image; L5Enable is known where a function is updated.
  CreateFunction: { UnknownParameter: ["DeployMode", "L5Enable", "DiskSize"] },
  UpdateFunctionConfiguration: { UnknownParameter: ["DiskSize"] },
};
