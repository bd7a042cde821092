import { type Selectable, sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { PackagesTable } from "../db/tables/packages.ts";
import { conflict, notFound } from "../errors.ts";
import { violatedConstraint } from "../platform/database/database.ts";

export type PackageRow = Selectable<PackagesTable>;

/** A name by which contracts find a package; null ends are open. */
export interface PackageAlias {
  readonly name: string;
  readonly startingAt: string | null;
  readonly endingBefore: string | null;
}

/** Adds a package with its aliases. Throws conflict when the uniqueness key was used before. */
export async function insertPackage(
  tx: CoreTransaction,
  row: Omit<PackageRow, "position" | "archived_at">,
  aliases: readonly PackageAlias[],
): Promise<void> {
  try {
    await tx
      .insertInto("packages")
      .values({ ...row, archived_at: null })
      .execute();
  } catch (error) {
    if (violatedConstraint(error) === "packages_uniqueness_key") {
      throw conflict("This uniqueness key has already been used.", "uniqueness_key_used");
    }
    throw error;
  }
  if (aliases.length === 0) return;
  await tx
    .insertInto("package_aliases")
    .values(
      aliases.map((alias) => ({
        package_id: row.id,
        environment_id: row.environment_id,
        name: alias.name,
        starting_at: alias.startingAt,
        ending_before: alias.endingBefore,
      })),
    )
    .execute();
}

/** A package, archived or not. Throws not found. */
export async function getPackage(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<PackageRow> {
  const row = await db
    .selectFrom("packages")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("id", "=", id)
    .executeTakeFirst();
  if (row === undefined) throw notFound("package", id);
  return row;
}

/** As getPackage; keeps it from being archived until the transaction ends. */
export async function holdPackage(
  tx: CoreTransaction,
  environmentId: string,
  id: string,
): Promise<PackageRow> {
  await tx
    .selectFrom("packages")
    .select("id")
    .where("environment_id", "=", environmentId)
    .where("id", "=", id)
    .forShare()
    .execute();
  return getPackage(tx, environmentId, id);
}

/** The package that bears a name at an instant: of several the one that it was given to last. */
export async function findPackageByAlias(
  db: CoreDb,
  key: { environmentId: string; name: string; at: string },
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    select p.id from package_aliases alias join packages p on p.id = alias.package_id
    where alias.environment_id = ${key.environmentId} and alias.name = ${key.name}
      and p.archived_at is null
      and coalesce(alias.starting_at <= ${key.at}::timestamptz, true)
      and coalesce(alias.ending_before > ${key.at}::timestamptz, true)
    order by alias.position desc limit 1`.execute(db);
  return rows[0]?.id;
}

/** The aliases of these packages in the order of their assignment, by package. */
export async function listPackageAliases(
  db: CoreDb,
  packageIds: readonly string[],
): Promise<ReadonlyMap<string, readonly PackageAlias[]>> {
  if (packageIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("package_aliases")
    .select(["package_id", "name", "starting_at as startingAt", "ending_before as endingBefore"])
    .where("package_id", "in", [...packageIds])
    .orderBy("position")
    .execute();
  const byPackage = Map.groupBy(rows, (row) => row.package_id);
  return new Map(
    [...byPackage].map(([id, own]) => [id, own.map(({ package_id: _, ...alias }) => alias)]),
  );
}

export interface PackageFilter {
  readonly environmentId: string;
  /** Only archived ones, only others; undefined: both. */
  readonly archived: boolean | undefined;
  readonly after: bigint | undefined;
  readonly limit: number;
}

/** Packages in the order of their creation. */
export async function listPackages(db: CoreDb, filter: PackageFilter): Promise<PackageRow[]> {
  return db
    .selectFrom("packages")
    .selectAll()
    .where("environment_id", "=", filter.environmentId)
    .$if(filter.archived === true, (query) => query.where("archived_at", "is not", null))
    .$if(filter.archived === false, (query) => query.where("archived_at", "is", null))
    .$if(filter.after !== undefined, (query) => query.where("position", ">", filter.after ?? 0n))
    .orderBy("position")
    .limit(filter.limit)
    .execute();
}

/** Archives a package; one that is archived keeps its time. */
export async function archivePackage(
  tx: CoreTransaction,
  environmentId: string,
  id: string,
  at: string,
): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable("packages")
    .set({ archived_at: sql`coalesce(archived_at, ${at}::timestamptz)` })
    .where("environment_id", "=", environmentId)
    .where("id", "=", id)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw notFound("package", id);
}
