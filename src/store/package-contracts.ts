import type { CoreDb } from "../db/database.ts";

export interface PackageContractFilter {
  readonly packageId: string;
  readonly includeArchived: boolean;
  /** Beginning at this instant or later. */
  readonly startingFrom: string | undefined;
  /** In force at this instant. */
  readonly coveringAt: string | undefined;
  readonly after: bigint | undefined;
  readonly limit: number;
}

/** The contracts that were made from a package, oldest first. */
export async function listContractsOnPackage(db: CoreDb, filter: PackageContractFilter) {
  const { startingFrom = "", coveringAt = "", after = 0n } = filter;
  return db
    .selectFrom("contracts")
    .select(["id", "customer_id", "starting_at", "ending_before", "archived_at", "position"])
    .where("package_id", "=", filter.packageId)
    .$if(!filter.includeArchived, (query) => query.where("archived_at", "is", null))
    .$if(startingFrom !== "", (query) => query.where("starting_at", ">=", startingFrom))
    .$if(coveringAt !== "", (query) =>
      query
        .where("starting_at", "<=", coveringAt)
        .where((where) =>
          where.or([where("ending_before", "is", null), where("ending_before", ">", coveringAt)]),
        ),
    )
    .where("position", ">", after)
    .orderBy("position")
    .limit(filter.limit)
    .execute();
}
