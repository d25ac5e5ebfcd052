/** Settings of the bundle as a whole. */
import type { SettingName } from "../settings.ts";
import type { SettingDescription } from "./description.ts";

type Descriptions = Readonly<Partial<Record<SettingName, SettingDescription>>>;

export const general = {
  title: { en: "General", zh: "基本" },
  settings: {
    DATABASE_URL: {
      en: "PostgreSQL, reached through the private network: `postgres://user:password@host:port/database`",
      zh: "PostgreSQL，经私有网络访问：`postgres://用户:密码@主机:端口/数据库`",
      example: "postgres://zhenren:change-me@10.0.0.8:5432/zhenren",
      secret: true,
      usual: true,
    },
    DATABASE_PREPARED_STATEMENTS: {
      en: "`off` if a pooler in transaction mode stands before PostgreSQL that does not keep prepared statements (PgBouncer before 1.21, or with `max_prepared_statements` 0)",
      zh: "PostgreSQL 前有事务模式的连接池，且它不保留预编译语句时（PgBouncer 1.21 之前，或 `max_prepared_statements` 为 0）填 `off`",
    },
    MASTER_KEY: {
      en: 'Encrypts the data key of each verification, unless KMS does; without it nobody can read personal data and evidence: `<id>:<base64 of 32 bytes>`, made by `echo "2026-11:$(openssl rand -base64 32)"`; to change it write `new,old`',
      zh: '加密每次核身的数据密钥（由 KMS 加密时除外）；丢失后个人数据和证据无法恢复：`<id>:<32 字节的 base64>`，用 `echo "2026-11:$(openssl rand -base64 32)"` 生成；更换时写 `新,旧`',
      example: "2026-11:changemechangemechangemechangemechangeme",
      secret: true,
      usual: true,
    },
    KMS_KEY_ID: {
      en: "Key of Tencent Cloud KMS that wraps the data key of each verification, in place of `MASTER_KEY`: `<region>/<id>`; the functions' role needs `kms:Encrypt` and `kms:Decrypt` for it",
      zh: "代替 `MASTER_KEY` 加密每次核身数据密钥的腾讯云 KMS 密钥：`<地域>/<id>`；函数的角色需要对它的 `kms:Encrypt` 和 `kms:Decrypt` 权限",
      example: "ap-guangzhou/change-me",
    },
    PUBLIC_URL: {
      en: "Where the bundle answers; the landing page's address starts with it; `npx zhenren deploy` fills it in if it is left out",
      zh: "本服务的地址，结果页的地址以它开头；不填时 `npx zhenren deploy` 会自动填写",
      example: "https://change-me.example",
    },
    RETURN_URL_ORIGINS: {
      en: "https origins that a `returnUrl` may have, separated by commas",
      zh: "`returnUrl` 允许的 https 来源，用逗号分隔",
      example: "https://change-me.example,https://m.change-me.example",
    },
    CORS_ORIGINS: {
      en: "https origins of web pages that may call the functions, separated by commas",
      zh: "可以调用这些函数的网页的 https 来源，用逗号分隔",
      example: "https://change-me.example,https://m.change-me.example",
    },
  } satisfies Descriptions,
};

export const auth = {
  title: { en: "Callers", zh: "调用者" },
  settings: {
    AUTH_SECRET: {
      en: "HS256 key of callers' tokens, 32 characters or more; `login` signs with it",
      zh: "调用者令牌的 HS256 密钥，至少 32 个字符；`login` 用它签发",
      example: "change-me-to-32-characters-or-more",
      secret: true,
      needed: { en: "without `AUTH_JWKS_URL`, and by `login`", zh: "没有 `AUTH_JWKS_URL` 时，以及 `login`" },
      usual: true,
    },
    AUTH_JWKS_URL: {
      en: "Public keys of callers' tokens (JWKS), where somebody else issues them; may be set beside `AUTH_SECRET`",
      zh: "调用者令牌由别处签发时，其公钥（JWKS）的地址；可与 `AUTH_SECRET` 并用",
      example: "https://accounts.change-me.example/.well-known/jwks.json",
      needed: { en: "without `AUTH_SECRET`", zh: "没有 `AUTH_SECRET` 时" },
    },
    AUTH_ISSUER: {
      en: "`iss` that tokens of `AUTH_JWKS_URL` must have; without it, any",
      zh: "`AUTH_JWKS_URL` 的令牌必须具有的 `iss`；不填则不限",
      example: "https://accounts.change-me.example",
    },
    AUTH_AUDIENCE: {
      en: "`aud` that tokens of `AUTH_JWKS_URL` must have: tokens for other services are refused",
      zh: "`AUTH_JWKS_URL` 的令牌必须具有的 `aud`：发给其他服务的令牌会被拒绝",
      example: "https://verify.change-me.example",
      needed: { en: "with `AUTH_JWKS_URL`", zh: "有 `AUTH_JWKS_URL` 时" },
    },
  } satisfies Descriptions,
};

export const limits = {
  title: { en: "Limits", zh: "次数限制" },
  settings: {
    LIMIT_PER_OWNER: {
      en: "Verifications that one user may create: `count/time` with `s`, `m`, `h` or `d`, separated by commas; the default is the vendor's own limit",
      zh: "一个用户可以发起的次数：`次数/时间`，单位 `s`、`m`、`h`、`d`，用逗号分隔；默认为服务方自己的限制",
    },
    LIMIT_PER_PERSON: {
      en: "The same for one ID number",
      zh: "同上，针对一个身份证号",
    },
  } satisfies Descriptions,
};

export const archive = {
  title: { en: "Evidence", zh: "证据" },
  settings: {
    ARCHIVE_URL: {
      en: "Where evidence is kept: a bucket of COS, or `file:<folder>`, in the cloud a mounted file system",
      zh: "证据存放处：COS 存储桶，或 `file:<目录>`（云上须为挂载的文件系统）",
      example: "file:/mnt/zhenren",
      usual: true,
    },
    ARCHIVE_EVIDENCE: {
      en: "What is kept: of `text`, `id-card`, `best-frame`, `video`, `intention`; or `none`; other evidence is never fetched",
      zh: "留存哪些：`text`、`id-card`、`best-frame`、`video`、`intention` 中的若干，或 `none`；其余不会获取",
      example: "text",
      needed: { en: "by `npx zhenren deploy`", zh: "`npx zhenren deploy` 要求" },
      usual: true,
    },
    RETENTION_DAYS: {
      en: "Days after its creation at which evidence and personal data of a verification are erased; without it nothing is erased by age",
      zh: "核身创建多少天后删除其证据和个人数据；不填则不按时间删除",
      example: "180",
      needed: {
        en: "by `npx zhenren deploy`, where `ARCHIVE_EVIDENCE` keeps more than `text`",
        zh: "`ARCHIVE_EVIDENCE` 留存 `text` 以外的证据时，`npx zhenren deploy` 要求",
      },
      usual: true,
    },
  } satisfies Descriptions,
};

export const webhooks = {
  title: { en: "Events to your server (Standard Webhooks)", zh: "发往您服务器的事件（Standard Webhooks）" },
  settings: {
    WEBHOOK_URL: {
      en: "Where events go",
      zh: "事件发往何处",
      example: "https://change-me.example/hooks/zhenren",
    },
    WEBHOOK_SECRET: {
      en: 'Signs events: `whsec_` and the base64 of 24 to 64 bytes, made by `echo "whsec_$(openssl rand -base64 24)"`',
      zh: '事件的签名密钥：`whsec_` 加 24 至 64 字节的 base64，用 `echo "whsec_$(openssl rand -base64 24)"` 生成',
      example: "whsec_change-me",
      secret: true,
      needed: { en: "with `WEBHOOK_URL`", zh: "有 `WEBHOOK_URL` 时" },
    },
  } satisfies Descriptions,
};

export const tencentCloud = {
  title: { en: "Tencent Cloud", zh: "腾讯云" },
  settings: {
    TENCENT_SECRET_ID: {
      en: "SecretId that `npx zhenren deploy` deploys with, and that functions on your machine use; deployed functions never get it but use `SCF_ROLE` or `FUNCTION_SECRET_ID`",
      zh: "`npx zhenren deploy` 部署所用的 SecretId，本机运行的函数也用它；部署后的函数不会得到它，而是用 `SCF_ROLE` 或 `FUNCTION_SECRET_ID`",
      example: "change-me",
      secret: true,
      needed: { en: "by `npx zhenren deploy`", zh: "`npx zhenren deploy` 要求" },
      usual: true,
    },
    TENCENT_SECRET_KEY: {
      en: "Its SecretKey",
      zh: "与之对应的 SecretKey",
      example: "change-me",
      secret: true,
      needed: { en: "with `TENCENT_SECRET_ID`", zh: "有 `TENCENT_SECRET_ID` 时" },
      usual: true,
    },
    TENCENT_TOKEN: {
      en: "Session token of a temporary key",
      zh: "临时密钥的 Token",
      example: "change-me",
      secret: true,
      needed: { en: "with a temporary key", zh: "使用临时密钥时" },
    },
  } satisfies Descriptions,
};

export const local = {
  title: { en: "Local mode only", zh: "仅本地模式" },
  settings: {
    SIMULATOR_URL: {
      en: "The simulator, set by `npm start`; refused in the cloud, and together with real credentials",
      zh: "模拟器，由 `npm start` 设置；在云上会被拒绝，与真实密钥同时出现也会被拒绝",
      example: "http://127.0.0.1:3100",
    },
  } satisfies Descriptions,
};
