/** What is wrong with the bucket that evidence is kept in; each with what to do about it. */
import { RECEIPTS_FOLDER } from "../../shared/archive/receipt.ts";
import { type CosAddress, parseCosUrl } from "../../shared/archive/stores/index.ts";
import { type CosBucket, cosBucket, cosExchange } from "../../shared/providers/cos/index.ts";
import { ProviderError } from "../../shared/providers/provider-error.ts";
import { reachedBy, statementsOf } from "../deploy/bucket/bucket.ts";
import { evidencePrefix } from "../deploy/bucket/desired.ts";
import { type Text, text, verbatim } from "../language/index.ts";
import { type CheckResult, type Context, failed, passed } from "./check.ts";

interface Problem {
  readonly why: Text;
  readonly fix: Text;
}

/** Examines the settings of the bucket. A key that may not read them, as the functions' own, leaves them unexamined. */
export async function bucketResult({ env }: Context, url: string): Promise<CheckResult> {
  const address = parseCosUrl(url);
  const bucket = cosBucket(cosExchange({ ...address, ...reachedBy(env, address) }));
  try {
    const problems = await bucketProblems(bucket, address, Number(env["RETENTION_DAYS"]));
    if (problems.length === 0) return passed();
    const [whys, fixes] = [problems.map(({ why }) => why), problems.map(({ fix }) => fix)];
    return failed(verbatim(whys.join(" ")), verbatim(fixes.join(" ")));
  } catch (error) {
    if (!(error instanceof ProviderError) || error.code !== "AccessDenied") throw error;
    return passed(
      text(
        "its settings cannot be read with this key; run the doctor with an operator's to check them too",
        "该密钥无权读取存储桶的设置；要一并检查，请用运维人员的密钥运行 doctor",
      ),
    );
  }
}

async function bucketProblems(
  bucket: CosBucket,
  address: CosAddress,
  retentionDays: number,
): Promise<Problem[]> {
  const { region, prefix } = address;
  const problems: Problem[] = [];
  const report = (why: Text, fix: Text) => problems.push({ why, fix });
  const found = await bucket.region();
  if (found && found !== region) {
    report(
      text(`The bucket is in ${found}, not in ${region}.`, `存储桶在 ${found}，不在 ${region}。`),
      text(`Write region=${found} in ARCHIVE_URL.`, `请在 ARCHIVE_URL 中写 region=${found}。`),
    );
  }
  const { grants } = await bucket.acl();
  if (grants.some(({ grantee }) => /AllUsers|anyone/i.test(grantee))) {
    report(
      text("Everybody on the internet may read the bucket.", "互联网上任何人都可以读取该存储桶。"),
      text("Set the bucket's ACL to private at once.", "请立即把存储桶的 ACL 设为私有。"),
    );
  }
  if (statementsOf(await bucket.policy()).some(allowsAnyone)) {
    report(
      text("The bucket's policy allows everybody something.", "存储桶策略允许任何人访问。"),
      text("Remove the statement for anyone from its policy.", "请从策略中删除针对所有人的语句。"),
    );
  }
  const rules = (await bucket.lifecycle()).filter(({ isEnabled }) => isEnabled);
  const rulesFor = (name: string) => rules.filter((rule) => name.startsWith(rule.prefix));
  const deletesVersions = rulesFor(`${prefix}/`).some((rule) => rule.noncurrentDays !== undefined);
  if ((await bucket.versioning()) !== undefined && !deletesVersions) {
    report(
      text(
        "The bucket keeps versions, and no rule deletes old ones: erased faces stay.",
        "存储桶保留历史版本，且没有规则删除它们：已删除的人脸仍会留存。",
      ),
      text(
        "Add a lifecycle rule for noncurrent versions: npx zhenren deploy --with-bucket.",
        "请为非当前版本添加生命周期规则：npx zhenren deploy --with-bucket。",
      ),
    );
  }
  const shortestFor = (name: string) => {
    const expiration = rulesFor(name).flatMap((rule) => rule.expirationDays ?? []);
    return expiration.length > 0 ? Math.min(...expiration) : undefined;
  };
  const shortest = shortestFor(evidencePrefix(address));
  if (retentionDays > 0 && shortest !== undefined && shortest !== retentionDays) {
    report(
      text(
        `The lifecycle deletes evidence after ${shortest} days, but RETENTION_DAYS is ${retentionDays}.`,
        `生命周期在 ${shortest} 天后删除证据，而 RETENTION_DAYS 是 ${retentionDays}。`,
      ),
      text("Give both the same number of days.", "请让两者的天数相同。"),
    );
  }
  const receipts = shortestFor(`${prefix}/${RECEIPTS_FOLDER}`);
  if (receipts !== undefined) {
    report(
      text(
        `The lifecycle deletes receipts of erasures after ${receipts} days: a database restored from an older backup would not learn whom to erase again.`,
        `生命周期在 ${receipts} 天后删除删除的回执：从更早的备份恢复的数据库无法得知还要删除谁。`,
      ),
      text(
        `Let the rule cover ${evidencePrefix(address)} alone; for zhenren-retention: npx zhenren deploy --with-bucket.`,
        `请让该规则只针对 ${evidencePrefix(address)}；对于 zhenren-retention：npx zhenren deploy --with-bucket。`,
      ),
    );
  }
  const lock = await bucket.lockDays();
  if (lock !== undefined && (!(retentionDays > 0) || lock > retentionDays)) {
    report(
      text(
        `Objects are locked for ${lock} days, and nobody can delete them earlier: an erasure request could not be met.`,
        `对象锁定 ${lock} 天，期间无人可以删除：无法履行删除请求。`,
      ),
      text(
        "Use a bucket without object lock, or with one no longer than RETENTION_DAYS.",
        "请使用没有对象锁定的存储桶，或锁定期不超过 RETENTION_DAYS。",
      ),
    );
  }
  return problems;
}

function allowsAnyone(statement: unknown): boolean {
  const written = JSON.stringify(statement).toLowerCase();
  return /"effect":"allow"/.test(written) && /"qcs::cam::anyone:anyone"|"\*"/.test(written);
}
