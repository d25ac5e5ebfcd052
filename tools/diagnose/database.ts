/**
 * Codes of PostgreSQL (documentation, appendix A) and of the system on the way to it. PostgreSQL's own messages name users
 * and hosts, so only the code is used.
 */
import { text } from "../language/index.ts";
import type { DiagnosisTable } from "./table.ts";

/** Codes of connections and queries. */
export const databaseTable: DiagnosisTable = [
  [
    /^28/,
    text("It refuses the user or the password", "数据库拒绝了用户名或密码"),
    text(
      "Correct user and password in DATABASE_URL; percent-encode special characters.",
      "请更正 DATABASE_URL 中的用户名和密码；特殊字符要做百分号编码。",
    ),
  ],
  [
    /^3D000$/,
    text("There is no database of that name", "没有这个名字的数据库"),
    text(
      "Create the database, or correct the name at the end of DATABASE_URL.",
      "请创建该数据库，或更正 DATABASE_URL 末尾的库名。",
    ),
  ],
  [
    /^42501$/,
    text("The user may not read it", "该用户无权读取"),
    text(
      "Grant the user the rights on schema and tables, or make it their owner.",
      "请授予该用户 schema 和表的权限，或让它成为所有者。",
    ),
  ],
  [
    /^(53|57P03)/,
    text("It has no free connection, or it is starting", "数据库没有空闲连接，或正在启动"),
    text(
      "Raise its connection limit or wait, then run the doctor again.",
      "请提高连接数上限或稍等，然后再次运行 doctor。",
    ),
  ],
  [
    /^(ENOTFOUND|EAI_)/,
    text("DNS does not know its host", "DNS 查不到它的主机名"),
    text(
      "Correct the host; a name inside the VPC is known only there.",
      "请更正主机名；VPC 内的名字只在 VPC 内有效。",
    ),
  ],
  [
    /^ECONNREFUSED$/,
    text("Nothing listens there", "该地址没有程序在监听"),
    text(
      "Start the database, or correct host and port in DATABASE_URL.",
      "请启动数据库，或更正 DATABASE_URL 中的主机和端口。",
    ),
  ],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_/,
    text("Its certificate is not trusted", "它的证书不受信任"),
    text(
      "Give the certificate of its authority with sslrootcert in DATABASE_URL.",
      "请在 DATABASE_URL 中用 sslrootcert 指定其 CA 证书。",
    ),
  ],
];
