/** Variables that only the deploy takes from the environment; no function gets one under this name. */
import type { SettingGroup } from "../../shared/config/descriptions/index.ts";

/** They stand before the settings of the functions. */
export const deploymentVariables: SettingGroup = {
  title: { en: "Deployment", zh: "部署" },
  settings: {
    STAGE: {
      en: "Part of the functions' names, `zhenren-<STAGE>-zhenren-<function>`; one account can hold several",
      zh: "函数名的一部分：`zhenren-<STAGE>-zhenren-<函数>`；一个账号可以有多个",
      example: "production",
      needed: { en: "yes", zh: "是" },
      usual: true,
    },
    REGION: {
      en: "Where the functions run",
      zh: "函数所在的地域",
      example: "ap-guangzhou",
      needed: { en: "yes", zh: "是" },
      usual: true,
    },
    SCF_ROLE: {
      en: "Role that the functions run with; it gives them credentials for Tencent Cloud, so that no key has to be kept",
      zh: "函数的运行角色，由它提供腾讯云凭证，无需保存密钥",
      example: "change-me",
      needed: { en: "without `FUNCTION_SECRET_ID`", zh: "没有 `FUNCTION_SECRET_ID` 时" },
      usual: true,
    },
    FUNCTION_SECRET_ID: {
      en: "Instead of `SCF_ROLE`: SecretId of a permanent key for the functions, of a CAM user that may do what they need and nothing else",
      zh: "代替 `SCF_ROLE`：供函数使用的永久密钥的 SecretId，其 CAM 用户只有函数所需的权限",
      example: "change-me",
      secret: true,
      needed: { en: "without `SCF_ROLE`", zh: "没有 `SCF_ROLE` 时" },
    },
    FUNCTION_SECRET_KEY: {
      en: "Its SecretKey",
      zh: "与之对应的 SecretKey",
      example: "change-me",
      secret: true,
      needed: { en: "with `FUNCTION_SECRET_ID`", zh: "有 `FUNCTION_SECRET_ID` 时" },
    },
    VPC_ID: {
      en: "Private network of the database",
      zh: "数据库所在的私有网络",
      example: "vpc-change-me",
      needed: { en: "with `SUBNET_ID`", zh: "有 `SUBNET_ID` 时" },
    },
    SUBNET_ID: {
      en: "Its subnet",
      zh: "其中的子网",
      example: "subnet-change-me",
      needed: { en: "with `VPC_ID`", zh: "有 `VPC_ID` 时" },
    },
    HTTP_TRIGGER: {
      en: "How users reach the functions: `http` by function URLs, which is the default; `apigw` by an API Gateway, for accounts that still have one",
      zh: "用户如何访问函数：`http` 为函数 URL（默认），`apigw` 为 API 网关，用于仍有 API 网关的账号",
      example: "http",
    },
    APIGW_SERVICE_ID: {
      en: "With `apigw`: the service to use; without it the first deploy creates one",
      zh: "使用 `apigw` 时的服务；不填则首次部署时新建",
      example: "service-change-me",
    },
    CUSTOM_DOMAIN: {
      en: "With `http`: one host of your own in front of all functions",
      zh: "使用 `http` 时，位于所有函数之前的自有域名",
      example: "change-me.example",
    },
    CUSTOM_DOMAIN_CERTIFICATE: {
      en: "Id of its certificate in the SSL console",
      zh: "其证书在 SSL 控制台中的 ID",
      example: "change-me",
      needed: { en: "with `CUSTOM_DOMAIN`", zh: "有 `CUSTOM_DOMAIN` 时" },
    },
  },
};
