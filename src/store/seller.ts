import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { SellerColumns } from "../db/tables/environments.ts";

/** Who the environment's invoices are from; what was not told is absent. */
export type Seller = Readonly<Partial<SellerColumns>>;

/** Fields to change: null clears one, what is absent stays. */
export type SellerChanges = {
  readonly [Field in keyof SellerColumns]?: SellerColumns[Field] | null | undefined;
};

/** The environment's seller, null when nothing was told of it. */
export async function findSeller(db: CoreDb, environmentId: string): Promise<Seller | null> {
  const row = await db
    .selectFrom("environments")
    .select("seller")
    .where("id", "=", environmentId)
    .executeTakeFirstOrThrow();
  return row.seller;
}

/** Changes some of the seller's details, or clears all of them. */
export async function updateSeller(
  tx: CoreTransaction,
  environmentId: string,
  changes: SellerChanges | null,
): Promise<void> {
  const row = await tx
    .selectFrom("environments")
    .select("seller")
    .where("id", "=", environmentId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  const told = Object.entries({ ...row.seller, ...changes }).filter(
    ([, value]) => (value ?? null) !== null,
  );
  const seller = changes === null || told.length === 0 ? null : Object.fromEntries(told);
  await tx
    .updateTable("environments")
    .set({ seller: seller === null ? null : JSON.stringify(seller) })
    .where("id", "=", environmentId)
    .execute();
}
