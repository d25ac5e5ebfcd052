/** A PostgreSQL data folder with the newest schema, made once and copied for every server: initdb takes seconds. */
import { chmodSync, chownSync, constants, cpSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { startPostgres } from "../../local/postgres.ts";
import { postgresUser } from "../../local/postgres-program.ts";
import { migrate } from "../../shared/store/migrate.ts";
import { contentKey, keptOrMade } from "../../tools/build/kept.ts";

/** Of the superuser of every copy. */
export const clusterPassword = "for-tests-only";

const root = join(import.meta.dirname, "../..");

/** Makes the folder below `localDir`, or takes the one of an earlier run. Returns its path. */
export async function makeCluster(localDir: string): Promise<string> {
  const making = join(localDir, "making");
  const target = join(localDir, "cluster");
  const key = contentKey(root, ["local/postgres.ts", "shared/store", "test/support/cluster.ts"]);
  await keptOrMade({ root, kind: "cluster", key, target }, async () => {
    mkdirSync(making, { mode: 0o711 });
    const server = await startPostgres({
      localDir: making,
      password: clusterPassword,
      port: 0,
      fsync: false,
    });
    await migrate(server.url);
    await server.stop();
    cpSync(join(making, "postgres"), target, { recursive: true });
  });
  return target;
}

/** Puts a copy where a server of `localDir` looks for its data. */
export function copyCluster(cluster: string, localDir: string): void {
  const dataDir = join(localDir, "postgres");
  const user = postgresUser(dataDir);
  cpSync(cluster, dataDir, { recursive: true, mode: constants.COPYFILE_FICLONE });
  chmodSync(dataDir, 0o700);
  if (!user) return;
  for (const path of ["", ...readdirSync(dataDir, { recursive: true, encoding: "utf8" })]) {
    chownSync(join(dataDir, path), user.uid, user.gid);
  }
}
