/** The settings of the custom domain: one host of the customer's own in front of all HTTP functions. */
import { isIP } from "node:net";
import { type Text, text } from "../../language/index.ts";
import { type Environment, httpTriggerOf } from "../deployment.ts";

/** The custom domain, as set. */
export interface DomainSettings {
  /** The host name in lower case, such as `verify.shop.example`. */
  readonly domain: string;
  /** Id of its certificate in Tencent Cloud's SSL service, such as `BxxJ3DK7`. */
  readonly certificateId: string;
}

/** Letters, digits and hyphens between dots; at least two labels, the last one not a number (RFC 1123). */
const HOST_NAME = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$/;

/** RFC 1035. */
const MAX_NAME_BYTES = 253;

/** The settings as they are; `undefined` without a domain. {@link domainProblems} checks them. */
export function domainSettings(env: Environment): DomainSettings | undefined {
  const domain = env["CUSTOM_DOMAIN"];
  return domain ? { domain, certificateId: env["CUSTOM_DOMAIN_CERTIFICATE"] ?? "" } : undefined;
}

/** Everything that is wrong with the settings, before the first call; one sentence each, with what to do. */
export function domainProblems(env: Environment): Text[] {
  const settings = domainSettings(env);
  if (!settings) {
    return env["CUSTOM_DOMAIN_CERTIFICATE"]
      ? [
          text(
            "CUSTOM_DOMAIN_CERTIFICATE is set, and CUSTOM_DOMAIN is not; set the host name too, or neither.",
            "设置了 CUSTOM_DOMAIN_CERTIFICATE，但没有 CUSTOM_DOMAIN；请也设置主机名，或都不设置。",
          ),
        ]
      : [];
  }
  const wrongName = nameProblem(settings.domain);
  return [
    ...(wrongName
      ? [text(`CUSTOM_DOMAIN ${wrongName}.`, `CUSTOM_DOMAIN ${wrongName}。`)]
      : publicUrlProblems(env, settings.domain)),
    ...certificateProblems(settings.certificateId),
    ...(httpTriggerOf(env) === "apigw"
      ? [
          text(
            "CUSTOM_DOMAIN needs function URLs, and HTTP_TRIGGER is apigw; set HTTP_TRIGGER to http, or bind the domain to the service in the API Gateway's console and unset CUSTOM_DOMAIN.",
            "CUSTOM_DOMAIN 需要函数 URL，而 HTTP_TRIGGER 是 apigw；请把 HTTP_TRIGGER 设为 http，或在 API 网关控制台把域名绑定到该服务，并不设置 CUSTOM_DOMAIN。",
          ),
        ]
      : []),
  ];
}

function nameProblem(name: string): Text | undefined {
  const onlyHost = text(
    "set it to the host name alone, such as verify.shop.example",
    "请只写主机名，例如 verify.shop.example",
  );
  if (name.includes("://"))
    return text(
      `must not begin with a scheme such as https://; ${onlyHost}`,
      `不能以 https:// 之类的协议开头；${onlyHost}`,
    );
  if (/[/?#@]/.test(name)) return text(`must not contain a path; ${onlyHost}`, `不能包含路径；${onlyHost}`);
  if (name.includes("*"))
    return text(
      "must not contain a wildcard, which SCF does not accept; set it to one host name, such as verify.shop.example",
      "不能包含通配符，云函数不接受；请设为一个主机名，例如 verify.shop.example",
    );
  if (isIP(name.replace(/^\[|\]$/g, "")) !== 0 || /^[\d.]+(:\d+)?$/.test(name))
    return text(
      "must not be an IP address; set it to a host name of your own, such as verify.shop.example",
      "不能是 IP 地址；请设为您自己的主机名，例如 verify.shop.example",
    );
  if (/:\d*$/.test(name))
    return text(
      `must not contain a port, because SCF listens on 443; ${onlyHost}`,
      `不能包含端口，云函数监听 443；${onlyHost}`,
    );
  if (/[^ -~]/.test(name))
    return text(
      "must be in ASCII; set it to its form that begins with xn--",
      "必须是 ASCII；请写成以 xn-- 开头的形式",
    );
  if (/[A-Z]/.test(name))
    return text(
      "must be in lower case, because SCF compares it exactly; write it in lower case",
      "必须是小写，云函数会逐字比较；请写成小写",
    );
  if (!HOST_NAME.test(name) || name.length > MAX_NAME_BYTES)
    return text(
      "is not a host name; set it to one such as verify.shop.example",
      "不是主机名；请设为主机名，例如 verify.shop.example",
    );
  if (/\.(tencentscf|tencentcs|myqcloud)\.com$/.test(name))
    return text(
      "is an address of Tencent Cloud, which cannot be bound; set it to a host name of your own",
      "是腾讯云的地址，不能绑定；请设为您自己的主机名",
    );
  return undefined;
}

function certificateProblems(id: string): Text[] {
  const idHint = text(
    "the id of the domain's certificate in the SSL console, such as BxxJ3DK7",
    "该域名的证书在 SSL 控制台的 ID，例如 BxxJ3DK7",
  );
  if (!id) {
    return [
      text(
        `CUSTOM_DOMAIN_CERTIFICATE is missing, and the domain serves https only; set it to ${idHint}.`,
        `没有设置 CUSTOM_DOMAIN_CERTIFICATE，而域名只提供 https；请设为${idHint}。`,
      ),
    ];
  }
  // The value is never shown: somebody may have pasted a private key.
  if (!/^[A-Za-z0-9_-]{4,64}$/.test(id)) {
    return [
      text(
        `CUSTOM_DOMAIN_CERTIFICATE is not the id of a certificate; set it to ${idHint}.`,
        `CUSTOM_DOMAIN_CERTIFICATE 不是证书 ID；请设为${idHint}。`,
      ),
    ];
  }
  return [];
}

/** The domain maps the routes as they are, so an address with a path of its own would match none. */
function publicUrlProblems(env: Environment, domain: string): Text[] {
  const publicUrl = env["PUBLIC_URL"]?.replace(/\/+$/, "");
  if (!publicUrl || publicUrl === `https://${domain}`) return [];
  return [
    text(
      `PUBLIC_URL is not the address of CUSTOM_DOMAIN; leave it empty or set it to https://${domain}, or unset CUSTOM_DOMAIN.`,
      `PUBLIC_URL 不是 CUSTOM_DOMAIN 的地址；请留空或设为 https://${domain}，或不设置 CUSTOM_DOMAIN。`,
    ),
  ];
}
